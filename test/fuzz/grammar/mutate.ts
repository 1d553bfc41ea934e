/** Small changes to requests that real clients sent, or that once were traps. */
import type { Random } from '../random.ts'
import { encoded, rawPath } from './paths.ts'
import { type Shot, shotOf } from './shot.ts'

const WORDS = [
  '..',
  '/',
  '%2f',
  '%2e%2e',
  '%25',
  ';',
  '?',
  '#',
  '&',
  '\\',
  '\0',
  '\r\n',
  '\n',
  ' ',
  ',',
  '.snapshot',
  '-secret',
  'secret',
  '/fuzz/other/known.csv',
  '&doas=hdfs',
  '&step=2',
  '&op=OPEN',
]

export function mutate(random: Random, corpus: readonly string[], inodes: readonly number[]): Shot {
  let text = random.pick(corpus)
  for (let changes = random.below(4); changes > 0; changes -= 1) text = change(random, text, corpus, inodes)
  return shotOf(text)
}

function change(random: Random, text: string, corpus: readonly string[], inodes: readonly number[]): string {
  const at = random.below(text.length + 1)
  const length = 1 + random.below(random.chance(0.8) ? 4 : 60)
  return random.weighed<() => string>([
    [3, () => text.replace(/(\/webhdfs\/v1)[^? ]*/, (_all, prefix: string) => `${prefix}${pathOf(random, inodes)}`)],
    [
      2,
      () =>
        text.replace(/((?:destination|sources)=)[^& ]*/i, (_all, name: string) => `${name}${pathOf(random, inodes)}`),
    ],
    [2, () => text.replace(/\/webhdfs\/v1[^? ]*/, (path) => `${path}${random.pick(WORDS)}`)],
    [2, () => text.slice(0, at) + random.pick(WORDS) + text.slice(at)],
    [1, () => text.slice(0, at) + text.slice(at + length)],
    [1, () => text.slice(0, at) + encoded(random, text.slice(at, at + length)) + text.slice(at + length)],
    [1, () => text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1)],
    [1, () => text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length)],
    [1, () => text.slice(0, at) + random.pick(corpus).slice(random.below(40))],
    [1, () => text.replace(/^[A-Z]+/, random.pick(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'get', 'PATCH', 'TRACE']))],
  ])()
}

const pathOf = (random: Random, inodes: readonly number[]): string =>
  Buffer.from(rawPath(random, inodes), 'utf8').toString('latin1')
