/** As much of a browser as signing in takes: it keeps cookies of each origin, follows redirects, and fills in a form of the provider. */
import { type HttpsAnswer, httpsRequest } from '../../../src/io/https-request.ts'

export type Browser = {
  /** What the address bar does: follows redirects to the end. */
  open(url: string): Promise<Opened>
  /** One request, no redirect followed. */
  ask(url: string, more?: Asked): Promise<HttpsAnswer>
  /** Cookies of an origin by name; may be changed. */
  jar(url: string): Map<string, string>
}
export type Asked = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
export type Opened = {
  readonly url: string
  readonly status: number
  readonly text: string
  readonly trail: readonly string[]
}

const MOST_REDIRECTS = 12
const PATIENCE_MS = 60_000

export function browser(ca: string): Browser {
  const jars = new Map<string, Map<string, string>>()
  const jar = (url: string) => {
    const { origin } = new URL(url)
    const found = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, found)
    return found
  }

  async function ask(url: string, { method = 'GET', headers, body }: Asked = {}): Promise<HttpsAnswer> {
    const cookies = [...jar(url)].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await httpsRequest({
      url: new URL(url),
      method,
      ca,
      headers: { accept: 'text/html', ...(cookies === '' ? {} : { cookie: cookies }), ...headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) keep(jar(url), set)
    return answer
  }

  async function open(url: string): Promise<Opened> {
    const trail: string[] = []
    let at = url
    let answer = await ask(at)
    while (answer.status >= 300 && answer.status < 400 && trail.length < MOST_REDIRECTS) {
      trail.push(at)
      at = new URL(String(answer.headers['location']), at).href
      answer = await ask(at)
    }
    return { url: at, status: answer.status, text: answer.body.toString(), trail }
  }
  return { open, ask, jar }
}

/** At the form of the provider: says who one is, and goes where that leads. Stops before `until`, where one is given. */
export async function signIn(one: Browser, form: Opened, account: string): Promise<string> {
  const body = new URLSearchParams({ prompt: 'login', login: account, password: 'any' }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  let at = form.url
  let answer = await one.ask(at, { method: 'POST', headers, body })
  for (let count = 0; count < MOST_REDIRECTS && answer.headers['location'] !== undefined; count++) {
    at = new URL(String(answer.headers['location']), at).href
    if (new URL(at).pathname === '/login/callback') return at
    answer = await one.ask(at)
  }
  throw new Error(`the provider did not come back: it answered ${answer.status} at ${at}`)
}

function keep(jar: Map<string, string>, set: string): void {
  const [pair = '', ...attributes] = set.split(';').map((part) => part.trim())
  const at = pair.indexOf('=')
  const isOver = attributes.some((one) => /^max-age=0$/i.test(one) || /^expires=Thu, 01 Jan 1970/i.test(one))
  if (isOver) jar.delete(pair.slice(0, at))
  else jar.set(pair.slice(0, at), pair.slice(at + 1))
}
