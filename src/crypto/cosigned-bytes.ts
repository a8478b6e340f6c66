/** What an Ed25519 cosigner signs (C2SP tlog-cosignature, cosignature/v1). */
export const cosignedBytes = (checkpointText: string, timestampSeconds: number): Uint8Array =>
  Buffer.from(`cosignature/v1\ntime ${String(timestampSeconds)}\n${checkpointText}`, 'utf8')
