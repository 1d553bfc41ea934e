/** What Hadoop clients in the other containers read so that their old URIs lead to the gateway. Nothing in it is secret. */
import { KerbsideError } from '../errors.ts'
import { configurationXml } from './configuration-xml.ts'

export type ClientSettings = {
  /** Logical name in `hdfs://NAMESERVICE/…`. */
  readonly nameservice: string
  readonly gatewayPort: number
  /** What the cluster's own configuration adds, cut down (`client-properties.ts`); what is written here wins over it. */
  readonly properties?: ReadonlyMap<string, string>
}

const WRITTEN_BY = 'written by the Kerbside sidecar at each start; HDFS is reached through the gateway of this pod'

/**
 * File names below the client directory, and their texts. The webhook points `HADOOP_CONF_DIR` and `HDFSCLI_CONFIG` at them.
 * @throws KerbsideError `bad-slice` for a nameservice that is no host name
 */
export function clientConfiguration(settings: ClientSettings): ReadonlyMap<string, string> {
  const { nameservice, gatewayPort, properties = new Map() } = settings
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(nameservice)) {
    throw new KerbsideError('bad-slice', `\`${nameservice}\` cannot be the name of a nameservice`)
  }
  const isOfHdfs = ([name]: readonly [string, string]) => name.startsWith('dfs.')
  const given = [...properties]
  const core = new Map([...given.filter((one) => !isOfHdfs(one)), ...coreSite(nameservice, gatewayPort)])
  // In `core-site.xml` the defaults of HDFS, which Hadoop reads after it, would win over these.
  const hdfs = new Map(given.filter(isOfHdfs))
  return new Map([
    ['hadoop/core-site.xml', configurationXml(core, WRITTEN_BY)],
    ...(hdfs.size === 0 ? [] : [['hadoop/hdfs-site.xml', configurationXml(hdfs, WRITTEN_BY)] as const]),
    ['hadoop/log4j.properties', LOG4J],
    ['hadoop/hdfscli.cfg', hdfscli(nameservice, `http://127.0.0.1:${gatewayPort}`)],
  ])
}

/**
 * As Hadoop's own, which was in the folder that `HADOOP_CONF_DIR` named before. Without one, its programs say nothing of what
 * went wrong: distcp tells it to its log alone.
 */
const LOG4J = [
  `# ${WRITTEN_BY}`,
  'hadoop.root.logger=INFO,console',
  `log4j.rootLogger=\${hadoop.root.logger}`,
  'log4j.appender.console=org.apache.log4j.ConsoleAppender',
  'log4j.appender.console.target=System.err',
  'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
  'log4j.appender.console.layout.ConversionPattern=%d{yy/MM/dd HH:mm:ss} %p %c{2}: %m%n',
  '',
].join('\n')

/**
 * Paths without a scheme go to the gateway by `fs.defaultFS`; `hdfs://NAMESERVICE/…` keeps its name towards the job and
 * goes there too, by the fallback link of a mount table. (`fs.hdfs.impl=WebHdfsFileSystem` does not work with a logical
 * name: `DFSUtilClient.getHaNnWebHdfsAddresses` knows no scheme but webhdfs and swebhdfs.)
 */
function coreSite(nameservice: string, gatewayPort: number): ReadonlyMap<string, string> {
  const gateway = `webhdfs://127.0.0.1:${gatewayPort}`
  return new Map([
    ['fs.defaultFS', gateway],
    ['fs.hdfs.impl', 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme'],
    [`fs.viewfs.mounttable.${nameservice}.linkFallback`, `${gateway}/`],
    // The pod has no credential; who it is, the sidecar says.
    ['hadoop.security.authentication', 'simple'],
  ])
}

/** HdfsCLI (Python package `hdfs`): `Config().get_client()` and the command `hdfscli`. */
function hdfscli(nameservice: string, gateway: string): string {
  return [
    `# ${WRITTEN_BY}`,
    '[global]',
    `default.alias = ${nameservice}`,
    `[${nameservice}.alias]`,
    `url = ${gateway}`,
    '',
  ].join('\n')
}
