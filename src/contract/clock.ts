/** A day of the city's calendar (Asia/Shanghai), `YYYY-MM-DD`. */
export type CityDate = string

/**
 * The two clocks. `now` is real time (signatures, nonces, certificates, events, links); `cityDate` is
 * the day on which licences and calendars are judged. They differ only in the demo and in tests.
 */
export type Clock = {
  readonly now: () => Date
  readonly cityDate: () => CityDate
}

const offsetMs = 8 * 3_600_000

/** The Asia/Shanghai day of an instant; China has had no daylight saving time since 1991. */
export const cityDateOf = (instant: Date): CityDate =>
  new Date(instant.getTime() + offsetMs).toISOString().slice(0, 10)

/** RFC 3339 text with milliseconds and +08:00, as every time in the API. */
export const cityTimeOf = (instant: Date): string =>
  `${new Date(instant.getTime() + offsetMs).toISOString().slice(0, -1)}+08:00`
