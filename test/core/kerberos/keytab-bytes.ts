/** Makes keytab files byte by byte, right or wrong on purpose. `test/e2e/credentials` reads real ones. */

export type Key = {
  readonly principal: readonly string[]
  readonly realm: string
  readonly kvno: number
  readonly enctype: number
  readonly key: Uint8Array
  readonly writtenAt?: number
  readonly longKvno?: number
}

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff]
const u32 = (value: number) => [...u16((value >>> 16) & 0xffff), ...u16(value & 0xffff)]
const counted = (text: string) => {
  const bytes = new TextEncoder().encode(text)
  return [...u16(bytes.length), ...bytes]
}

export const KEY_LENGTHS = new Map([
  [17, 16],
  [18, 32],
  [23, 16],
  [16, 24],
])

/** A key that a search would find anywhere. */
export const canaryKey = (length: number) => new Uint8Array(length).fill(0x4b)

export function aes(principal: string, kvno = 1, enctype = 18): Key {
  const [name = '', realm = ''] = principal.split('@')
  return { principal: name.split('/'), realm, kvno, enctype, key: canaryKey(KEY_LENGTHS.get(enctype) ?? 16) }
}

export function record(key: Key): number[] {
  const body = [
    ...u16(key.principal.length),
    ...counted(key.realm),
    ...key.principal.flatMap(counted),
    ...u32(1),
    ...u32(key.writtenAt ?? 1_700_000_000),
    key.kvno & 0xff,
    ...u16(key.enctype),
    ...u16(key.key.length),
    ...key.key,
    ...(key.longKvno === undefined ? [] : u32(key.longKvno)),
  ]
  return [...u32(body.length), ...body]
}

export function hole(length: number): number[] {
  return [...u32(-length), ...new Array<number>(length).fill(0x4b)]
}

export function keytab(...records: readonly (Key | number[])[]): Uint8Array {
  return Uint8Array.from([5, 2, ...records.flatMap((one) => (Array.isArray(one) ? one : record(one as Key)))])
}
