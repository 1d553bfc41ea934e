/** Four ways to one HDFS, as one client takes them: straight, through us, through HttpFS, through Knox. */
import { HTTPFS_BASE } from '../../peers/proxies/httpfs.ts'
import { KNOX_BASE, KNOX_USER_HEADER } from '../../peers/proxies/knox.ts'

export const WAY_NAMES = ['direct', 'kerbside', 'httpfs', 'knox'] as const
export type WayName = (typeof WAY_NAMES)[number]

export type Way = {
  readonly name: WayName
  /** @param pathAndQuery as `/data/x?op=OPEN` */
  url(pathAndQuery: string): string
  readonly headers: readonly string[]
  /** Of the proxy; none when there is none. */
  readonly pid: number | undefined
}

const USER = 'quant'

/** SPNEGO once, then a delegation token on each request: as good clients speak to a secure NameNode. */
export const direct = (nameNode: string, delegationToken: string): Way => ({
  name: 'direct',
  url: (pathAndQuery) => `https://${nameNode}.lab:9871/webhdfs/v1${pathAndQuery}&delegation=${delegationToken}`,
  headers: [],
  pid: undefined,
})

export const kerbside = (base: string, pid: number): Way => ({
  name: 'kerbside',
  url: (pathAndQuery) => `${base}${pathAndQuery}`,
  headers: [],
  pid,
})

export const httpfs = (pid: number): Way => ({
  name: 'httpfs',
  url: (pathAndQuery) => `${HTTPFS_BASE}${pathAndQuery}&user.name=${USER}`,
  // Without it the second step of a write is refused.
  headers: ['Content-Type: application/octet-stream'],
  pid,
})

export const knox = (pid: number): Way => ({
  name: 'knox',
  url: (pathAndQuery) => `${KNOX_BASE}${pathAndQuery}`,
  headers: [`${KNOX_USER_HEADER}: ${USER}`],
  pid,
})
