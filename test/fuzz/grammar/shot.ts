/** What a request is to whoever sends it: whether one answer ends it for sure, and whether others may follow at once. */

/** One request, or what was made of one. */
export type Shot = {
  /** One character for each byte; `{{host}}` where the gateway's own name goes. */
  readonly text: string
  /** Whether it is one whole request for sure, which exactly one answer ends. */
  readonly isWhole: boolean
  /** Whether the connection stays open after it: one with a body that is refused closes it. */
  readonly isBare: boolean
}

const REQUEST_LINE = /^(?:GET|PUT|POST|DELETE|HEAD) [!-~]+ HTTP\/1\.1$/
const HEADER = /^([A-Za-z0-9-]+): ?([ -~]*)$/
/** A server may wait for these, or answer them in a way of its own. */
const PECULIAR = ['expect', 'upgrade', 'te', 'trailer']
const LONGEST_HEAD = 8000

export function shotOf(text: string): Shot {
  const isWhole = isWholeRequest(text)
  return { text, isWhole, isBare: isWhole && text.endsWith('\r\n\r\n') && !text.includes('\r\n0\r\n') }
}

function isWholeRequest(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0 || end > LONGEST_HEAD) return false
  const [line = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Map<string, string>()
  for (const one of lines) {
    const [, name = '', value = ''] = HEADER.exec(one) ?? []
    const folded = name.toLowerCase()
    if (folded === '' || headers.has(folded) || PECULIAR.includes(folded)) return false
    headers.set(folded, value)
  }
  if (!REQUEST_LINE.test(line) || !headers.has('host')) return false
  if ((headers.get('connection') ?? 'keep-alive').toLowerCase() !== 'keep-alive') return false
  return isWholeBody(text.slice(end + 4), headers.get('content-length'), headers.get('transfer-encoding'))
}

function isWholeBody(body: string, length: string | undefined, encoding: string | undefined): boolean {
  if (encoding === undefined) return length === undefined ? body === '' : length === String(body.length)
  const [, size = '', chunk = ''] = /^([0-9a-f]{1,4})\r\n([\s\S]*)\r\n0\r\n\r\n$/.exec(body) ?? []
  return encoding === 'chunked' && length === undefined && size === chunk.length.toString(16) && chunk !== ''
}
