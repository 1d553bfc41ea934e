/** Knox 1.6.1 from Maven, in front of the lab's HDFS: clients say in a header who they are, and it acts for them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jarSet, mavenJars, mavenJarsFolder } from '../../lab/build/maven.ts'
import { runCommand } from '../../lab/command.ts'
import { debianPackages } from '../../lab/debian.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabFolder, Progress } from '../../lab/part.ts'
import { configuration, PROXY_USER } from './impersonation.ts'
import { javaFlags, makeProxyFolder, type ProxyProcess, READY_ANSWER_MS, startProxy } from './proxy-process.ts'

const HERE = join(import.meta.dirname, 'knox')
const KNOX = jarSet('knox', HERE)
const PORT = 8443
/** Of a lab that lives for minutes, and of nothing else. */
const MASTER = 'changeit'

/** Put a path behind it, and send {@link KNOX_USER_HEADER}. */
export const KNOX_BASE = `http://127.0.0.1:${PORT}/gateway/lab/webhdfs/v1`
export const KNOX_USER_HEADER = 'X-User'

/** Outside: into the lab's cache. */
export async function fetchKnox(folder: LabFolder, progress: Progress): Promise<void> {
  await debianPackages(folder, progress, { java: 'openjdk-17-jre-headless', unzip: 'unzip' })
  await mavenJars(folder, progress, KNOX)
}

/** Inside. Needs `allowImpersonation`. */
export async function startKnox(lab: Lab): Promise<ProxyProcess> {
  const home = makeProxyFolder(lab, 'knox')
  const at = (...names: string[]) => join(home, ...names)
  const jars = mavenJarsFolder(lab.folder, KNOX)
  const folders = ['conf/topologies', 'conf/descriptors', 'conf/shared-providers', 'conf/META-INF/services']
  for (const name of [...folders, 'data/security/keystores', 'log']) {
    mkdirSync(at(name), { recursive: true })
  }
  execFileSync('unzip', ['-qo', join(jars, 'gateway-service-definitions-1.6.1.jar'), 'services/*', '-d', at('data')])
  writeFileSync(at('conf', 'gateway-site.xml'), gatewaySite(lab, home))
  writeFileSync(at('conf', 'jaas.conf'), jaas(lab))
  writeFileSync(at('conf', 'log4j.properties'), LOG4J)
  writeFileSync(at('conf', 'topologies', 'lab.xml'), TOPOLOGY)
  // Of a release, its scripts bring this file.
  writeFileSync(
    at('conf/META-INF/services/org.apache.knox.gateway.services.GatewayServices'),
    'org.apache.knox.gateway.services.DefaultGatewayServices\n',
  )
  const flags = [
    `-DGATEWAY_HOME=${home}`,
    `-Dlog4j.configuration=${at('conf', 'log4j.properties')}`,
    '--add-opens=java.base/java.util=ALL-UNNAMED',
  ]
  const classPath = [at('conf'), `${jars}/*`]
  const cli = ['org.apache.knox.gateway.util.KnoxCLI', 'create-master', '--master', MASTER] as const
  await runCommand(['java', ...javaFlags(lab), ...flags, '-cp', classPath.join(':'), ...cli])
  // Its own way to make a key fails on Java 17.
  const key = ['-genkeypair', '-alias', 'gateway-identity', '-keyalg', 'RSA', '-dname', 'CN=localhost']
  const store = ['-keystore', at('data/security/keystores/gateway.jks'), '-storetype', 'JKS']
  await runCommand(['keytool', ...key, ...store, '-storepass', MASTER, '-keypass', MASTER])
  return startProxy(lab, {
    name: 'knox',
    flags,
    classPath,
    main: 'org.apache.knox.gateway.GatewayServer',
    ready: async () => {
      const headers = { [KNOX_USER_HEADER]: 'quant' }
      const signal = AbortSignal.timeout(READY_ANSWER_MS)
      return (await fetch(`${KNOX_BASE}/?op=GETFILESTATUS`, { headers, signal })).status === 200
    },
  })
}

const gatewaySite = (lab: Lab, home: string): string =>
  configuration({
    'gateway.port': String(PORT),
    'gateway.path': 'gateway',
    'ssl.enabled': 'false',
    'gateway.gateway.conf.dir': join(home, 'conf'),
    'gateway.data.dir': join(home, 'data'),
    'gateway.hadoop.kerberos.secured': 'true',
    'java.security.krb5.conf': lab.files.krb5Conf,
    'java.security.auth.login.config': join(home, 'conf', 'jaas.conf'),
    'gateway.dispatch.whitelist': '.*',
  })

/** Each option on a line of its own: Knox reads the file as properties too. */
const jaas = (lab: Lab): string => `com.sun.security.jgss.initiate {
com.sun.security.auth.module.Krb5LoginModule required
renewTGT=false
doNotPrompt=true
useKeyTab=true
keyTab="${lab.files.keytab(PROXY_USER)}"
principal="${PROXY_USER}@LAB"
storeKey=true
isInitiator=true
useTicketCache=false
client=true;
};
`

const LOG4J = `log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
`

const TOPOLOGY = `<topology>
  <gateway>
    <provider>
      <role>federation</role><name>HeaderPreAuth</name><enabled>true</enabled>
      <param><name>preauth.validation.method</name><value>preauth.default.validation</value></param>
      <param><name>preauth.custom.header</name><value>${KNOX_USER_HEADER}</value></param>
    </provider>
    <provider><role>identity-assertion</role><name>Pseudo</name><enabled>true</enabled></provider>
    <provider>
      <role>ha</role><name>HaProvider</name><enabled>true</enabled>
      <param><name>WEBHDFS</name><value>maxFailoverAttempts=3;failoverSleep=500;enabled=true</value></param>
    </provider>
  </gateway>
  <service>
    <role>WEBHDFS</role>
    <url>https://nn1.lab:9871/webhdfs</url>
    <url>https://nn2.lab:9871/webhdfs</url>
  </service>
</topology>
`
