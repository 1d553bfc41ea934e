/** Which pages are looked at: by axe, and on the screenshots that are kept. */
const EXPLORER = '00000000-0000-4000-8000-000000000005'
/** One of each page. */
export const PATHS: readonly string[] = [
  '/',
  '/records',
  '/records?decision=deny&text=script',
  `/record/${EXPLORER}/85`,
  `/denial/${EXPLORER}/1`,
  '/job?namespace=ml-climate&kind=Job&name=explore-markets',
  '/dataset?name=market',
  '/policy',
  '/policy/diff',
  '/verify',
  '/views',
  '/nothing',
]

/** Small: what is on the first screen. */
export const SHOTS = [
  ['overview-1440-light', '/', 1440, 1460, 'light'],
  ['overview-1440-dark', '/', 1440, 900, 'dark'],
  ['overview-820', '/', 820, 1000, 'light'],
  ['overview-360', '/', 360, 760, 'light'],
  ['records-1440', '/records?decision=deny&last=7d', 1440, 900, 'light'],
  ['records-360', '/records?decision=deny&last=7d', 360, 760, 'dark'],
  ['denial-1440', '/denial/00000000-0000-4000-8000-000000000005/1', 1440, 900, 'light'],
  ['policy-1440', '/policy', 1440, 900, 'light'],
  ['policy-diff-1440', '/policy/diff', 1440, 760, 'light'],
  ['policy-360', '/policy', 360, 900, 'dark'],
  ['job-820', '/job?namespace=ml-climate&kind=Job&name=explore-markets', 820, 1000, 'dark'],
  ['dataset-1440', '/dataset?name=market', 1440, 900, 'light'],
  ['record-820', '/record/00000000-0000-4000-8000-000000000005/5', 820, 1100, 'light'],
  ['verify-1440', '/verify', 1440, 700, 'light'],
] as const
