/** Kafka, for records that go there: one node, which clients reach by TLS and SCRAM. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jarSet, mavenJars, mavenJarsFolder } from '../build/maven.ts'
import { issue, STORE_PASSWORD } from '../certificates.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'

const HOST = 'kafka.lab'
const KAFKA = jarSet('kafka', join(import.meta.dirname, '..', 'build', 'kafka'))
/** Any that is a UUID in base64. */
const CLUSTER_ID = 'a2VyYnNpZGUtbGFiLTAwMQ'

/** Clients that log in; `INSIDE` asks nobody who he is. */
export const KAFKA_INSIDE = `${HOST}:9092`
export const KAFKA_OUTSIDE = `${HOST}:9093`
export const KAFKA_USER = { name: 'exporter', password: 'a-password-of-the-lab' } as const

export const kafka: Part = {
  name: 'kafka',
  needs: ['dns'],
  isOptional: true,
  async fetch(folder, progress) {
    await debianPackages(folder, progress, { java: 'openjdk-17-jre-headless' })
    await mavenJars(folder, progress, KAFKA)
  },
  async start({ folder, daemon, run }) {
    const settings = await writeSettings(folder)
    const user = `SCRAM-SHA-512=[name=${KAFKA_USER.name},password=${KAFKA_USER.password}]`
    await run([...java(folder), 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', settings, '-S', user])
    await daemon({
      name: 'kafka',
      command: [...java(folder), 'kafka.Kafka', settings],
      ready: async () => (await connects(HOST, 9092)) && (await connects(HOST, 9093)),
    })
  },
}

async function writeSettings(folder: LabFolder): Promise<string> {
  const own = join(folder.path, 'kafka')
  mkdirSync(own, { recursive: true })
  const { pkcs12 } = await issue(folder, { file: 'kafka', commonName: HOST, hosts: [HOST] })
  const values = { host: HOST, keystore: pkcs12, password: STORE_PASSWORD, logs: join(own, 'logs') }
  const file = join(own, 'server.properties')
  writeFileSync(file, render(join('kafka', 'server.properties'), values))
  return file
}

const java = (folder: LabFolder): [string, ...string[]] => [
  'java',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:-UsePerfData',
  '-XX:TieredStopAtLevel=1',
  '-Djava.net.preferIPv4Stack=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-cp',
  `${mavenJarsFolder(folder, KAFKA)}/*`,
]
