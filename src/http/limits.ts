/** What one node takes on. Everything is per process but the operators' window (operator-quota.ts). */
export type HttpLimits = {
  /** Largest body of an endpoint that says nothing itself. */
  readonly bodyBytesMax: number
  readonly targetCharsMax: number
  /** All request headers together, before which node's parser gives up. */
  readonly headBytesMax: number
  /** Requests under way at once; further ones are told to come back. */
  readonly inFlightMax: number
  /** Of those, one client's. */
  readonly clientInFlightMax: number
  /** Bodies that are being streamed; each holds a database connection until it has ended. */
  readonly streamsMax: number
  /** Of those, one client's: nobody holds them all by being slow. */
  readonly clientStreamsMax: number
  /** How far a request's clock may be off; 30 to 600. */
  readonly skewSeconds: number
  readonly clientPerSecond: number
  readonly clientBurst: number
  /** Operations that one operator may not repeat without end. */
  readonly operatorOperations: readonly string[]
  readonly operatorCount: number
  readonly operatorWindowMs: number
}

export const defaultHttpLimits: HttpLimits = {
  bodyBytesMax: 1024 * 1024,
  targetCharsMax: 4096,
  headBytesMax: 16 * 1024,
  inFlightMax: 1024,
  clientInFlightMax: 256,
  streamsMax: 8,
  clientStreamsMax: 2,
  skewSeconds: 120,
  clientPerSecond: 200,
  clientBurst: 400,
  operatorOperations: ['checkMaterials', 'searchLicences'],
  operatorCount: 60,
  operatorWindowMs: 10 * 60_000,
}
