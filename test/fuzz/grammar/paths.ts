/** Paths that read one way to one program and another way to the next. Raw: as they stand in a request line. */
import type { Random } from '../random.ts'
import { KNOWN } from '../world.ts'

const ALL = [...KNOWN.allowed, ...KNOWN.denied, ...KNOWN.between]
const DOTS = [
  '..',
  '.',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '..;',
  '..%00',
  '%c0%ae%c0%ae',
  '..%20',
  '...',
  '\uff0e\uff0e',
]
const SLASHES = ['/', '/', '/', '//', '///', '%2f', '%2F', '%252f', '\\', '%5c', '/./', '/;x/', ';/', '%c0%af']
const TAILS = [
  '',
  '/',
  '//',
  ';x',
  '%3B',
  '%00',
  '%0a',
  '%0d%0aX:%20x',
  '#',
  '%23',
  '%3F',
  '.',
  '+',
  '%20',
  '%ff',
  '%u002e',
  '/.',
  '/..',
  '~',
  '*',
  '-secret',
  '%2fsecret',
  '%25',
  '%41',
  '%2541',
]
const SPECIAL = [
  '.snapshot',
  '.snapshot/s0',
  '.snapshot/s1',
  '.snapshot/s2',
  '.SNAPSHOT/s0',
  '%2esnapshot/s0',
  '.snapshot/..',
  '.snapshot/s0/.snapshot',
  '.reserved',
  '.Trash',
  '..',
  '',
  'x'.repeat(300),
]
const TOPS = [
  '/.reserved/raw',
  '/.reserved/raw/',
  '//.reserved/raw',
  '/%2ereserved/raw',
  '/.reserved/./raw',
  '/.Reserved/raw',
  '/x/../.reserved/raw',
  '/.reserved/raw/.reserved/raw',
  '/.reserved%2Fraw',
  '/fuzz/open/..',
  '/fuzz/home/../..',
]

/** @param inodes of denied files, which have a name by number: `/.reserved/.inodes/16387` */
export function rawPath(random: Random, inodes: readonly number[]): string {
  return random.weighed<() => string>([
    [5, () => encoded(random, random.pick(ALL))],
    [4, () => climbed(random)],
    [3, () => tricked(random, random.pick(ALL))],
    [2, () => throughSnapshot(random)],
    [1, () => `${random.pick(TOPS)}${encoded(random, random.pick(ALL))}`],
    [
      1,
      () =>
        `${random.pick(['', '/', '//'])}/.reserved/.inodes/${random.pick(inodes)}${random.pick(['', '/', '/known.csv', '/..'])}`,
    ],
    [0.1, () => '/fuzz/open/'.concat('x/'.repeat(random.below(1200)))],
    [0.1, () => `/fuzz/open/${'y'.repeat(random.below(9000))}`],
  ])()
}

/** A path without any trick, most often one that is granted: what else a request holds is to decide. */
export function plainPath(random: Random): string {
  return encoded(random, random.pick(random.chance(0.8) ? KNOWN.allowed : ALL))
}

/** From what is allowed up and down again to what is not, and the other way round. */
function climbed(random: Random): string {
  const [from, to] = random.chance(0.8) ? [KNOWN.allowed, KNOWN.denied] : [KNOWN.denied, KNOWN.allowed]
  const start = random.pick(from)
  const depth = start.split('/').length - 1
  const up = Array.from({ length: random.chance(0.7) ? depth : random.below(depth + 2) }, () => random.pick(DOTS))
  const slash = random.chance(0.6) ? '/' : random.pick(SLASHES)
  return `${start}${slash}${up.join(slash)}${random.pick(to)}`
}

/** Tricks at places where a reader takes the path apart. */
function tricked(random: Random, path: string): string {
  const segments = path.split('/').slice(1)
  for (let tricks = random.below(3); tricks >= 0; tricks -= 1) {
    const at = random.below(segments.length + 1)
    if (random.chance(0.5)) segments.splice(at, 0, random.pick([...DOTS, ...SPECIAL]))
    else segments[Math.min(at, segments.length - 1)] += random.pick(TAILS)
  }
  return segments.map((segment) => `${random.pick(SLASHES)}${encoded(random, segment)}`).join('')
}

function throughSnapshot(random: Random): string {
  const segments = random.pick(ALL).split('/')
  segments.splice(1 + random.below(segments.length), 0, random.pick(SPECIAL.slice(0, 8)))
  return segments.join('/')
}

/** The same text, some of its characters percent-encoded: once, or where the chance is small twice. */
export function encoded(random: Random, text: string): string {
  const share = random.weighed([
    [6, 0],
    [2, 0.1],
    [1, 1],
  ])
  const isTwice = random.chance(0.1)
  const isBeyondAscii = /[^!-~]/
  return [...text]
    .map((character) => {
      if (character === '/' && random.chance(0.95)) return character
      if (!isBeyondAscii.test(character) && !random.chance(share)) return character
      const hex = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
      const spelled = random.chance(0.5) ? hex.toUpperCase() : hex
      return isTwice ? spelled.replaceAll('%', '%25') : spelled
    })
    .join('')
}
