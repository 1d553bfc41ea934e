/** An hour in milliseconds: records are counted by hours, and answers put together of them. */
export const HOUR = 3_600_000
