declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

/** Opaque UUIDv7 of a licence; stands in URLs, events and logs instead of the GB identifier. */
export type LicenceId = Brand<'LicenceId'>
export type CaseId = Brand<'CaseId'>
export type CheckId = Brand<'CheckId'>
export type FetchId = Brand<'FetchId'>
export type BatchId = Brand<'BatchId'>
export type GrantId = Brand<'GrantId'>
export type ClientId = Brand<'ClientId'>
export type OrganisationId = Brand<'OrganisationId'>
export type OperatorId = Brand<'OperatorId'>
/** base64url digest of a certificate's DER bytes, SM3 for SM2 keys, else SHA-256; the `keyid` of a request signature. */
export type CertificateId = Brand<'CertificateId'>
/** 12 Crockford base32 characters and one ISO 7064 MOD 37,36 check character. */
export type ReceiptNo = Brand<'ReceiptNo'>
/** 21-character licence type code (证照类型代码). */
export type TypeCode = Brand<'TypeCode'>
export type ItemCode = Brand<'ItemCode'>
/** Unified social credit code, 18 characters (统一社会信用代码). */
export type Uscc = Brand<'Uscc'>

/**
 * Marks a string as an id of one kind. The only cast to a brand: call it where the text was parsed or
 * read from our own database, nowhere else.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the brand
export const asId = <Id extends string>(text: string): Id => text as Id
