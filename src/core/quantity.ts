/** Kubernetes resource quantities as plain numbers, exact enough to compare (k8s.io/apimachinery, resource.Quantity). */

const FACTORS = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
])

/** `10m` is 0.01, `48Mi` is 50331648; undefined when it is no quantity, or negative. */
export function parseQuantity(text: string): number | undefined {
  const match = /^(\d{1,18}(?:\.\d{0,9})?|\.\d{1,9})(?:[eE]([+-]?\d{1,2})|([a-zA-Z]{0,2}))$/.exec(text)
  if (match === null) return undefined
  const [, digits = '', exponent, suffix = ''] = match
  if (exponent !== undefined) return Number(digits) * 10 ** Number(exponent)
  const factor = FACTORS.get(suffix)
  return factor === undefined ? undefined : Number(digits) * factor
}

/** The largest binary unit that leaves a whole number: `10Gi`. */
export function formatQuantity(bytes: number): string {
  const unit = ['Pi', 'Ti', 'Gi', 'Mi', 'Ki'].find((suffix) => bytes > 0 && bytes % (FACTORS.get(suffix) ?? 1) === 0)
  return unit === undefined ? String(bytes) : `${bytes / (FACTORS.get(unit) ?? 1)}${unit}`
}
