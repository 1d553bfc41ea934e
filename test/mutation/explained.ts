/** Changes that no test can see, and why: speed, room, order that nothing asks for, and doubts of the compiler. */
import type { Explanation } from './survivor.ts'

const inFile = (file: string, rows: readonly (readonly [code: string, why: string, changes?: readonly string[]])[]) =>
  rows.map(([code, why, changes]): Explanation => ({ file, code, why, ...(changes === undefined ? {} : { changes }) }))

const COMPILER = 'the compiler cannot know that it is always there'
const OUTSIDE = 'an index outside of a typed array reads as nothing, and a write there is none'
const KEPT = 'only keeps what would be made again, alike'

export const EXPLAINED: readonly Explanation[] = [
  ...inFile('decision/decide.ts', [
    [
      'const lost = isExact ?',
      'of a node that is not the path itself only the bit of leading is read, which no other number here has',
      ['0 → 1'],
    ],
  ]),
  ...inFile('decision/reach.ts', [
    ['return dataset >= 0 &&', OUTSIDE, ['dataset >= 0 → true', '0 → -1']],
    ['if (child === undefined) return place', 'a mark leads to something', ['child === undefined → false']],
    ['if (size === 1)', 'of one grant the marks speak, or nothing is asked', ['size === 1 → false', '1 → 0']],
    ['if (size === 1)', 'a list of one grant is in its number, wherever one looks', ['0 → 1', '0 → -1']],
  ]),
  ...inFile('decision/mask.ts', [
    ['export const ALL_ACTIONS =', 'a bit that is no action is never asked for', ['1 → 2']],
    ['export const DENIES = 1 << 14', 'the thirteen actions leave bit 13 free as well', ['14 → 13']],
  ]),
  ...inFile('decision/trie.ts', [
    ['export const BELOW = 2', 'room between the marks of two nodes', ['2 → 3']],
    ['export const LEADS = 1 << 14', 'the thirteen actions leave bit 13 free as well', ['14 → 13']],
    ['for (let node = segments.count - 1; node >= 0', OUTSIDE],
    ['const applying =', 'a copy that is the same takes room and nothing else', ['masks.every(isApplying) → false']],
    [
      'const marked = new Uint16Array(',
      'room behind the last list',
      ['lists.starts.length - 1 → lists.starts.length + 1', '1 → 0', '2 → 3'],
    ],
    [
      'for (let list = 0; list * 2 < marked.length',
      'a list behind the last has no entry, and what is marked for one before the first is outside of the array',
      ['list * 2 < marked.length → list * 2 <= marked.length', 'list * 2 → list / 2', '2 → 1', '0 → -1'],
    ],
    ['for (let list = 0; list * 2 < marked.length', 'the first list is the empty one', ['0 → 1']],
    [
      "const ALWAYS_DENIES: Timed = { effect: 'deny' }",
      'what is no allow is taken for a deny',
      ["{ effect: 'deny' } → {}", '\'deny\' → ""'],
    ],
    ['let [lost, denied] = [0, 0]', 'nothing is 0 among bits', ['[0, 0] → []']],
    [
      'return list < 0 ?',
      'the empty list allows and denies nothing, and no more does a grant -1',
      ['list < 0 → list <= 0', '0 → 1'],
    ],
    ['lost |= (below[at + LOST]', 'LOST is 0', ['at + LOST → at - LOST']],
    ['below[node * BELOW + LOST] =', 'LOST is 0', ['node * BELOW + LOST → node * BELOW - LOST']],
  ]),
  ...inFile('decision/layout.ts', [
    ['settle(0, -1, [])', 'no index of a dataset is negative, whichever it is', ['1 → 2']],
    ['const roots: SlicePlace[] = []', 'indexes count from what was pushed', ['[] → ["Stryker was here"]']],
    ['for (let node = 0; node < count', OUTSIDE],
    [
      'for (let child = childrenOf(segments, node)',
      'what is settled below another node first, is settled below its own later',
      ['1 → 2', 'child < childrenOf(segments, node + 1) → child <= childrenOf(segments, node + 1)'],
    ],
    ['protectedAt[node] = place?.protect', 'only 1 is asked for', ['0 → -1']],
    ['?.effect', COMPILER],
    ['places[index]?.grants', COMPILER],
    ['roots[nodes[node * NODE + DATASET] as number]?.dataset', COMPILER],
    ["dataset = ''", COMPILER],
    ['limits: new Map(', 'what is kept as absent reads as absent', ['limits === undefined → false']],
    ['refs: grants.flatMap(', 'a copy has no room to spare, which is all that it is for'],
    ['startsAt !== undefined ||', 'a grant without times is in force as its effect alone says'],
    ['timed: new Map(', 'a grant without times is in force as its effect alone says', ['isTimed(grant) → true']],
  ]),
  ...inFile('decision/grant-lists.ts', [
    ['const [only = 0] = list', COMPILER],
    [
      'if (list.length === 1) return ~only',
      'where a list of one is kept, is speed and room',
      ['list.length === 1 → false'],
    ],
    ['readonly #known =', 'a list that is there twice takes room and nothing else'],
    ['if (known !== undefined) return known', 'a list that is there twice takes room and nothing else'],
    ['this.#known.set(key, number)', 'a list that is there twice takes room and nothing else'],
    ['(this.#lists[number] ?? [])', COMPILER],
    ['list < 0 ? ~list', 'the empty list has no entry that is asked for', ['list < 0 → list <= 0', '0 → 1']],
    ['list < 0 ? ~list', 'what is read of no list counts as 0, which is the entry behind -1', ['0 → -1']],
    ['const starts = new Int32Array(', 'room behind the last list', ['1 → 2']],
  ]),
  ...inFile('decision/segments.ts', [
    ['export const NODE = 4', 'room between the words of two nodes', ['4 → 5']],
    ['const SLOTS = 4 / 3', 'how many slots stand empty, of which one always does, is speed and room'],
    ['const entered = order.reduce(', 'how many slots stand empty, of which one always does, is speed and room'],
    ["const root: Branch = { segment: ''", 'the root is the child of nobody, so that nobody compares its text'],
    [
      'for (let child = childrenOf(segments, node); child < childrenOf(segments, node + 1)',
      'a mark leads to a child that is there, and those of the next node come later',
      ['child < childrenOf(segments, node + 1) → child <= childrenOf(segments, node + 1)', '1 → 2'],
    ],
    ['const MOST_NODES = 1 << 20', 'how many bits of an entry are the node, and how many the hash, is speed and room'],
    ['nodes: new Int32Array(', 'room behind the last node', ['1 → 2']],
    ['CHILDREN]', 'CHILDREN is 0', ['node * NODE + CHILDREN → node * NODE - CHILDREN']],
    ['const at = parent * NODE + CHILDREN', 'CHILDREN is 0', ['parent * NODE + CHILDREN → parent * NODE - CHILDREN']],
    ['table: new Int32Array(2 **', 'how sparse the table is, is speed'],
    ['const begin =', 'how the hash spreads is speed'],
    ['const step =', 'how the hash spreads is speed'],
    ['const slotOf =', 'how the hash spreads is speed'],
    ['const SLOTS =', 'how sparse the table is, is speed', ['3 → 2', '4 → 5']],
    ['if (branch.children.size > 1) enter(', 'an only child is never looked for in the table'],
    ['if (((entry ^ hash) & TAG) !== 0) continue', 'what the tag tells apart, the comparison behind it does too'],
    [
      'while (index < size &&',
      'no segment holds a slash, and behind the end of a path there is no unit',
      ['index < size → true', 'index < size → index <= size'],
    ],
  ]),
  ...inFile('decision/in-force.ts', [
    ['export const isOver =', 'no moment is at or after one that is not given', ['expiresAt !== undefined → true']],
    ['known.add(during)', KEPT],
    ['known.has(during)', KEPT],
  ]),
  ...inFile('decision/policy-over.ts', [
    ['const hasShadow =', 'without a grant in shadow both say the same', ["mode === 'shadow' → true"]],
    [
      'const states =',
      'what is over stays over: two moments with as many grants over have the same ones over',
      ['\'x\' → ""'],
    ],
    ['const state =', 'whatever stands between the letters', ['\'\' → "Stryker was here!"']],
    ['let current: Moment = momentAt(0)', 'the first moment is made for any'],
    ['const MOST_KEPT', KEPT],
    ['marked.size >= MOST_KEPT', KEPT],
    ['marked.set(state, tries)', KEPT],
    ['if (!(now >= current.from', KEPT],
  ]),
  ...inFile('decision/judge.ts', [
    ["operation?.method ?? 'GET'", 'of an operation that is not known no method is asked for', ['\'GET\' → ""']],
    ['limitRefusal(limitsAt(', 'no limit is less than nothing', ['0 → -1']],
    ['} catch {', 'without an answer it is none'],
  ]),
  ...inFile('decision/selector.ts', [
    ['return value !== undefined && values.includes(value)', 'nothing is in no list', ['value !== undefined → true']],
    ['return value === undefined || !values.includes(value)', 'nothing is in no list', ['value === undefined → false']],
    ['default:', 'without an answer it is no'],
  ]),
  ...inFile('decision/window.ts', [
    ['if (known !== undefined) return known', KEPT],
    ['clocks.set(zone, made)', KEPT],
    ["parts.get('weekday')?.", COMPILER],
    ['return day < 0 || Number.isNaN(minute)', 'every clock says a day and a time'],
    ['} catch {', 'without an answer it is none'],
  ]),
  ...inFile('policy/compile.ts', [['indexes.get(grant) ?? []', COMPILER, ['[] → ["Stryker was here"]']]]),
  ...inFile('policy/places.ts', [
    ['bundle.clusters.get(identity.cluster)?.limits', COMPILER],
    ['bundle.datasets.get(name)?.prefixes', COMPILER],
    ['below.get(top) ?? []', 'what is the prefix of no dataset is passed over', ['[] → ["Stryker was here"]']],
    ['if (dataset === undefined) continue', COMPILER],
    ['.sort(([one], [other])', 'paths are there once, and sorting asks only what is negative'],
    ['known.set(datasets, ofBundle)', KEPT],
    ['if (before !== undefined) return before', KEPT],
    ['ofBundle.set(cluster', KEPT],
    ['if (!roots.has(ancestor)) continue', 'what is below no prefix is never looked up'],
    ['grants: [...grants].sort(', COMPILER],
    ["for (let end = path.indexOf('/', 1)", 'no segment is empty, so a slash is at 2 at the earliest'],
  ]),
  ...inFile('policy/slice-line.ts', [
    ["typeof index === 'number' &&", 'a whole number is a number', ["typeof index === 'number' → true"]],
  ]),
]
