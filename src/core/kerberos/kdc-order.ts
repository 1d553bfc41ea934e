/** Which KDC is asked first: libkrb5 takes them in the order of krb5.conf, and waits long for one that is dead or silent. */

/** Of one KDC: whether it took a connection; and whether it then said nothing in time. */
export type KdcStatus = { readonly kdc: string; readonly isUp: boolean; readonly isSilent?: true }

/** Those that answer in the given order, then those that were silent, then those that took no connection. */
export function kdcOrder(statuses: readonly KdcStatus[]): readonly string[] {
  const rank = ({ isUp, isSilent }: KdcStatus) => (isUp ? (isSilent === true ? 1 : 0) : 2)
  return statuses.toSorted((one, other) => rank(one) - rank(other)).map(({ kdc }) => kdc)
}

/** What is known of some KDCs is put in the place of what was known of them. */
export function withNews(known: readonly KdcStatus[], news: readonly KdcStatus[]): readonly KdcStatus[] {
  return known.map((status) => news.find(({ kdc }) => kdc === status.kdc) ?? status)
}

/** Those of one realm, which are asked in turn. */
export function statusesOf(known: readonly KdcStatus[], kdcs: readonly string[]): readonly KdcStatus[] {
  return kdcs.map((kdc) => known.find((status) => status.kdc === kdc) ?? { kdc, isUp: false })
}

/** The KDC that was asked first said nothing. */
export function silenced(statuses: readonly KdcStatus[], kdc: string | undefined): readonly KdcStatus[] {
  return statuses.map((status) => (status.kdc === kdc ? { ...status, isSilent: true } : status))
}

/** Whether there is one that has not been silent yet, so that another try may do better. */
export function hasAnother(statuses: readonly KdcStatus[]): boolean {
  return statuses.some(({ isUp, isSilent }) => isUp && isSilent !== true)
}
