/** One metric in Prometheus' text format, by hand: a client library would be held in memory by every pod. */

export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number }

/** Its lines, as they are told. */
export type Metric = string

/** `head` is name, type and meaning. */
export function metric(head: string, samples: readonly Sample[]): Metric {
  const [name = '', type = '', ...meaning] = head.split(' ')
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels ?? {})} ${value}\n`)
  return `# HELP ${name} ${meaning.join(' ')}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

const ESCAPES = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
])

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => ESCAPES.get(character) ?? '')}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
