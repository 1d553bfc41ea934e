/** Which KDC is asked first: libkrb5 takes them in the order of krb5.conf, and waits long for one that is dead or silent. */

/** Of one KDC: whether it took a connection; and whether it then said nothing in time. */
export type KdcStatus = { readonly kdc: string; readonly isUp: boolean; readonly isSilent?: true }

/** Those that answer in the given order, then those that were silent, then those that took no connection. */
export function kdcOrder(statuses: readonly KdcStatus[]): readonly string[] {
  const rank = ({ isUp, isSilent }: KdcStatus) => (isUp ? (isSilent === true ? 1 : 0) : 2)
  return statuses.toSorted((one, other) => rank(one) - rank(other)).map(({ kdc }) => kdc)
}

/** The KDC that was asked first said nothing. */
export function silenced(statuses: readonly KdcStatus[], kdc: string | undefined): readonly KdcStatus[] {
  return statuses.map((status) => (status.kdc === kdc ? { ...status, isSilent: true } : status))
}

/** Whether there is one that has not been silent yet, so that another try may do better. */
export function hasAnother(statuses: readonly KdcStatus[]): boolean {
  return statuses.some(({ isUp, isSilent }) => isUp && isSilent !== true)
}
