/**
 * The first message to a KDC and what it answers, without a key: enough to see that it lives, knows the principal, and what time
 * it has. Nothing is proved by it, so no account is ever locked by it. RFC 4120, sections 5.4.1 and 5.9.1, in DER.
 */
import { ByteReader, Truncated } from '../byte-reader.ts'
import { readPrincipal } from './principal.ts'

export type AsRequest = {
  /** `quant@LAB`, as {@link readPrincipal} takes it. */
  readonly principal: string
  /** Encryption types that we would take, best first. */
  readonly enctypes: readonly number[]
  /** Any number of 31 bits. */
  readonly nonce: number
  /** What the ticket is to be for; for getting other tickets, where it is not said. */
  readonly service?: readonly string[]
}

export type KdcAnswer =
  /** It asks for no proof before it gives a ticket, or has none to give: what it says is a number of RFC 4120, 7.5.9. */
  { readonly says: 'ticket' } | { readonly says: 'error'; readonly errorCode: number; readonly serverTimeMs: number }

const [INTEGER, BIT_STRING, GENERAL_STRING, GENERALIZED_TIME, SEQUENCE] = [0x02, 0x03, 0x1b, 0x18, 0x30] as const
const AS_REP = 0x6b
const KRB_ERROR = 0x7e
/** Types of names: a principal, and a service with its instance. */
const [NT_PRINCIPAL, NT_SRV_INST] = [1, 2] as const

/** The message, without the length that goes before it over TCP. */
export function asRequest({ principal, enctypes, nonce, service }: AsRequest): Uint8Array {
  const { components, realm } = readPrincipal(principal)
  const body = tlv(SEQUENCE, [
    field(0, tlv(BIT_STRING, [[0, 0, 0, 0, 0]])), // no options
    field(1, name(NT_PRINCIPAL, components)),
    field(2, string(realm)),
    field(3, name(NT_SRV_INST, service ?? ['krbtgt', realm])),
    field(5, tlv(GENERALIZED_TIME, [ascii('19700101000000Z')])), // as long as it may last
    field(7, integer(nonce)),
    field(8, tlv(SEQUENCE, enctypes.map(integer))),
  ])
  const request = tlv(SEQUENCE, [field(1, integer(5)), field(2, integer(10)), field(4, body)])
  return Uint8Array.from(tlv(0x6a, [request]))
}

/** @returns undefined for what is no answer of a KDC */
export function readKdcAnswer(bytes: Uint8Array): KdcAnswer | undefined {
  try {
    const [tag, content] = next(new ByteReader(bytes))
    if (tag === AS_REP) return { says: 'ticket' }
    if (tag !== KRB_ERROR) return undefined
    const fields = fieldsOf(next(new ByteReader(content))[1])
    const serverTimeMs = timeIn(fields.get(4)) + (numberIn(fields.get(5)) ?? 0) / 1000
    const errorCode = numberIn(fields.get(6))
    if (errorCode === undefined || Number.isNaN(serverTimeMs)) return undefined
    return { says: 'error', errorCode, serverTimeMs }
  } catch (error) {
    if (error instanceof Truncated) return undefined
    throw error
  }
}

type Der = readonly number[]

function tlv(tag: number, parts: readonly Der[]): Der {
  const content = parts.flat()
  return [tag, ...lengthOf(content.length), ...content]
}

function lengthOf(length: number): Der {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

const field = (number: number, content: Der): Der => tlv(0xa0 + number, [content])
const string = (text: string): Der => tlv(GENERAL_STRING, [utf8(text)])
const name = (type: number, components: readonly string[]): Der =>
  tlv(SEQUENCE, [field(0, integer(type)), field(1, tlv(SEQUENCE, components.map(string)))])
const ascii = (text: string): Der => Array.from(text, (character) => character.charCodeAt(0))
const utf8 = (text: string): Der =>
  [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, hex, plain = '']) =>
    hex === undefined ? plain.charCodeAt(0) : Number.parseInt(hex, 16),
  )

function integer(value: number): Der {
  const bytes: number[] = []
  for (let left = value; left > 0 || bytes.length === 0; left = Math.floor(left / 256)) bytes.unshift(left % 256)
  return tlv(INTEGER, [(bytes[0] ?? 0) < 0x80 ? bytes : [0, ...bytes]])
}

/** Tag and content of the next element. */
function next(reader: ByteReader): readonly [number, Uint8Array] {
  const tag = reader.u8()
  const short = reader.u8()
  if (short < 0x80) return [tag, reader.take(short)]
  let length = 0
  for (let left = short & 0x7f; left > 0; left--) length = length * 256 + reader.u8()
  return [tag, reader.take(length)]
}

/** Content of the elements of a sequence, by the number of their tag. */
function fieldsOf(sequence: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>()
  for (const reader = new ByteReader(sequence); reader.left > 0; ) {
    const [tag, content] = next(reader)
    fields.set(tag & 0x1f, content)
  }
  return fields
}

function numberIn(content: Uint8Array | undefined): number | undefined {
  if (content === undefined) return undefined
  return next(new ByteReader(content))[1].reduce((sum, byte) => sum * 256 + byte, 0)
}

/** `20261126082435Z`; NaN for anything else. */
function timeIn(content: Uint8Array | undefined): number {
  const text = content === undefined ? '' : String.fromCharCode(...next(new ByteReader(content))[1])
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (parts === null) return Number.NaN
  const [, year, month, day, hour, minute, second] = parts.map(Number)
  return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second)
}
