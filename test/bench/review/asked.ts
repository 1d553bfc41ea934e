/** Links of every page and filter, as many different ones of each as are asked for: what one question leaves behind helps no other. */
const DAY = 86_400_000

export type Links = { readonly what: string; readonly link: (turn: number) => string }

export type Known = {
  /** Milliseconds since the epoch: of the newest record. */
  readonly until: number
  readonly days: number
  /** Of rows here and there in the records: `CHAIN/NUMBER`. */
  readonly records: readonly string[]
  readonly denials: readonly string[]
  /** `namespace=…&kind=…&name=…` */
  readonly jobs: readonly string[]
  readonly chains: readonly string[]
  readonly before: string
  readonly after: string
}

const two = (number: number): string => String(number).padStart(2, '0')
const team = (turn: number): string => `team-${two((turn * 5) % 12)}`
const dataset = (turn: number): string => `dataset-${two((turn * 7) % 48)}`
const operation = (turn: number): string => ['OPEN', 'CREATE', 'RENAME', 'DELETE', 'LISTSTATUS'][turn % 5] ?? ''

export function linksOver(known: Known): readonly Links[] {
  const { until, days, before, after } = known
  const one = (list: readonly string[], turn: number): string => list[turn % list.length] ?? ''
  const instant = (ms: number): string => encodeURIComponent(new Date(ms).toISOString())
  /** Somewhere within the time of the records, elsewhere each time. */
  const moment = (turn: number): number => until - Math.floor((((turn * 13) % 29) / 30) * days * DAY) - turn * 61_000
  const records = (what: string, query: (turn: number) => string): Links => ({
    what: `records, ${what}`,
    link: (turn) => `/records?${query(turn)}`,
  })
  return [
    { what: 'overview', link: (turn) => `/?last=${['24h', '7d', '30d'][turn % 3]}` },
    { what: 'overview of a team', link: (turn) => `/?last=${['7d', '30d'][turn % 2]}&of=${team(turn)}` },
    records('the newest', (turn) => (turn === 0 ? '' : `last=${turn}d`)),
    records('from some moment back', (turn) => `after=${moment(turn)}.8.0`),
    records('from some moment on', (turn) => `before=${moment(turn)}.8.0`),
    records('of an hour', (turn) => `from=${instant(moment(turn) - 3_600_000)}&until=${instant(moment(turn))}`),
    records('of a team', (turn) => `team=${team(turn)}&last=${1 + turn}d`),
    records('what a team was denied', (turn) => `team=${team(turn)}&decision=deny&last=${1 + turn}d`),
    records('of an identity', (turn) => `identity=${team(turn)}-${['research', 'serving', 'etl', 'eval'][turn % 4]}`),
    records('of a dataset', (turn) => `dataset=${dataset(turn)}`),
    records('of a dataset, by operation', (turn) => `dataset=${dataset(turn)}&operation=${operation(turn)}`),
    records('by reason', (turn) => `reason=${['no-grant', 'no-dataset'][turn % 2]}&namespace=ml-${team(turn)}`),
    records('of a kind that there is none of', (turn) => `kind=${['credential', 'gap', 'release'][turn % 3]}`),
    records('of nobody', (turn) => `team=nobody-${turn}`),
    records('of a job', (turn) => `job=${encodeURIComponent(jobOf(one(known.jobs, turn)))}`),
    records('of a chain', (turn) => `sidecar=${one(known.chains, turn)}`),
    records('below a path', (turn) => `path=/data/${dataset(turn)}`),
    records('below a path, one month of it', (turn) => `path=/data/${dataset(turn)}&last=${7 + turn}d`),
    records('a piece of a path', (turn) => `text=part-${String(turn * 131).padStart(5, '0')}`),
    records('a piece of a path that is nowhere', (turn) => `text=part-9${String(turn).padStart(4, '0')}`),
    { what: 'a record', link: (turn) => `/record/${one(known.records, turn)}` },
    { what: 'a denial', link: (turn) => `/denial/${one(known.denials, turn)}` },
    { what: 'a job', link: (turn) => `/job?${one(known.jobs, turn)}` },
    { what: 'a dataset', link: (turn) => `/dataset?name=${dataset(turn)}` },
    { what: 'a dataset, since a day', link: (turn) => `/dataset?name=${dataset(turn)}&from=2026-03-${two(1 + turn)}` },
    { what: 'policy', link: (turn) => `/policy${turn % 2 === 0 ? '' : `?of=${team(turn)}`}` },
    {
      what: 'policy against another',
      link: (turn) => {
        const [one, other] = turn % 2 === 0 ? [before, after] : [after, before]
        return `/policy/diff?before=${encodeURIComponent(one)}&after=${encodeURIComponent(other)}`
      },
    },
  ]
}

function jobOf(query: string): string {
  const read = new URLSearchParams(query)
  return `${read.get('kind')}/${read.get('name')}`
}
