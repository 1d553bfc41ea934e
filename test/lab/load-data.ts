/** Puts the datasets of two teams into HDFS: real files, with rights by which plain HDFS lets everyone read everything. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebHdfs } from './webhdfs.ts'

const SOURCE = join(import.meta.dirname, '..', '..', 'node_modules', 'vega-datasets', 'data')
const source = (name: string) => readFileSync(join(SOURCE, name))

type Folder = { readonly owner: string; readonly files: Readonly<Record<string, () => Buffer>> }

// Every folder is open to all readers (755): a refusal that someone sees is Kerbside's, not HDFS's.
const FOLDERS: Readonly<Record<string, Folder>> = {
  '/data/market': {
    owner: 'quant',
    files: {
      'stocks.csv': () => source('stocks.csv'),
      'stocks.json': () => Buffer.from(csvToJson(source('stocks.csv').toString())),
      'sp500.csv': () => source('sp500.csv'),
      'flights-3m.parquet': () => source('flights-3m.parquet'),
    },
  },
  // The near miss: a sibling whose name begins like the dataset's.
  '/data/market-restricted': { owner: 'climate', files: { 'ohlc.json': () => source('ohlc.json') } },
  '/data/weather': {
    owner: 'climate',
    files: {
      'weather.csv': () => source('weather.csv'),
      'seattle-weather.csv': () => source('seattle-weather.csv'),
    },
  },
  '/team/quant': { owner: 'quant', files: {} },
  '/team/climate': { owner: 'climate', files: {} },
}
/** This folder has one snapshot, of the files as loaded. */
const SNAPSHOT = { folder: '/data/market', name: 'loaded' } as const

const hdfs = WebHdfs.here()
await hdfs.call('PUT', '/data', { op: 'MKDIRS', permission: '755' })
await hdfs.call('PUT', '/team', { op: 'MKDIRS', permission: '755' })
await Promise.all(Object.entries(FOLDERS).map(([path, folder]) => load(path, folder)))
await hdfs.call('PUT', SNAPSHOT.folder, { op: 'ALLOWSNAPSHOT' })
await hdfs.call('PUT', SNAPSHOT.folder, { op: 'CREATESNAPSHOT', snapshotname: SNAPSHOT.name })

async function load(path: string, { owner, files }: Folder): Promise<void> {
  const own = (what: string) => hdfs.call('PUT', what, { op: 'SETOWNER', owner, group: owner })
  await hdfs.call('PUT', path, { op: 'MKDIRS', permission: '755' })
  await own(path)
  const loads = Object.entries(files).map(async ([name, content]) => {
    await hdfs.write(`${path}/${name}`, content())
    await own(`${path}/${name}`)
  })
  await Promise.all(loads)
}

/** `symbol,date,price` → an array of objects; no field of this file is quoted. */
function csvToJson(text: string): string {
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const names = head.split(',')
  const rows = lines.map((line) => {
    const values = line.split(',')
    return Object.fromEntries(names.map((name, column) => [name, readCell(values[column] ?? '')]))
  })
  return `${JSON.stringify(rows, null, 1)}\n`
}

function readCell(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
