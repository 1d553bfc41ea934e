/** Hadoop's key management service, for encryption zones: DataNodes may decrypt with its keys, teams may not. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REALM } from '../addresses.ts'
import { moreHadoopJars, moreHadoopJarsFolder } from '../build/hadoop.ts'
import { issue, STORE_PASSWORD } from '../certificates.ts'
import { labFiles } from '../folder.ts'
import { java } from '../java.ts'
import type { LabFolder, Part } from '../part.ts'
import { connects } from '../probe.ts'
import { render } from '../templates/render.ts'

/** Asked for together with `hdfs`, whose NameNodes learn of it when they start. */
export const kms: Part = {
  name: 'kms',
  needs: ['kdc'],
  isOptional: true,
  fetch: async (folder, progress) => void (await moreHadoopJars(folder, progress)),
  async start({ folder, daemon }) {
    const own = await writeConfig(folder)
    await daemon({
      name: 'kms',
      command: java(folder, {
        name: 'kms',
        main: 'org.apache.hadoop.crypto.key.kms.server.KMSWebServer',
        conf: [own],
        // It does not start without either.
        properties: { 'kms.config.dir': own, 'log4j.configuration': 'log4j.properties' },
        jars: [join(moreHadoopJarsFolder(folder), '*')],
      }),
      ready: () => connects('kms.lab', 9600),
    })
  },
}

async function writeConfig(folder: LabFolder): Promise<string> {
  const files = labFiles(folder)
  const own = join(folder.path, 'hadoop', 'kms')
  const { pkcs12 } = await issue(folder, { file: 'kms', commonName: 'kms.lab', hosts: ['kms.lab'] })
  const values = {
    folder: folder.path,
    realm: REALM,
    keytab: files.keytab('hadoop'),
    truststore: files.truststore,
    password: STORE_PASSWORD,
    keystore: pkcs12,
  }
  mkdirSync(own, { recursive: true })
  mkdirSync(join(folder.path, 'kms', 'tmp'), { recursive: true, mode: 0o700 })
  for (const file of ['kms-site.xml', 'kms-acls.xml', 'ssl-server.xml', 'log4j.properties']) {
    writeFileSync(join(own, file), render(join('hadoop', file), values))
  }
  // All is in kms-site.xml, but it insists on the other.
  writeFileSync(join(own, 'core-site.xml'), '<configuration/>')
  return own
}
