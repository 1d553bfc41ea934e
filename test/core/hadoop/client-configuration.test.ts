/** The client configuration: golden, and closed against names that would write properties of their own. */
import { expect, test } from 'vitest'
import { clientConfiguration } from '../../../src/core/hadoop/client-configuration.ts'
import { configurationXml } from '../../../src/core/hadoop/configuration-xml.ts'

test('the files of a job that says `hdfs://lab/…`', () => {
  const files = clientConfiguration({ nameservice: 'lab', gatewayPort: 9870 })
  expect(Object.fromEntries(files)).toMatchInlineSnapshot(`
    {
      "hadoop/core-site.xml": "<?xml version="1.0"?>
    <!-- written by the Kerbside sidecar at each start; HDFS is reached through the gateway of this pod -->
    <configuration>
      <property><name>fs.defaultFS</name><value>webhdfs://127.0.0.1:9870</value></property>
      <property><name>fs.hdfs.impl</name><value>org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme</value></property>
      <property><name>fs.viewfs.mounttable.lab.linkFallback</name><value>webhdfs://127.0.0.1:9870/</value></property>
      <property><name>hadoop.security.authentication</name><value>simple</value></property>
    </configuration>
    ",
      "hadoop/hdfscli.cfg": "# written by the Kerbside sidecar at each start; HDFS is reached through the gateway of this pod
    [global]
    default.alias = lab
    [lab.alias]
    url = http://127.0.0.1:9870
    ",
      "hadoop/log4j.properties": "# written by the Kerbside sidecar at each start; HDFS is reached through the gateway of this pod
    hadoop.root.logger=INFO,console
    log4j.rootLogger=\${hadoop.root.logger}
    log4j.appender.console=org.apache.log4j.ConsoleAppender
    log4j.appender.console.target=System.err
    log4j.appender.console.layout=org.apache.log4j.PatternLayout
    log4j.appender.console.layout.ConversionPattern=%d{yy/MM/dd HH:mm:ss} %p %c{2}: %m%n
    ",
    }
  `)
})

test.each(['lab\nurl = http://evil', 'a]b', '', '-lab', 'x<y'])('the nameservice %j is refused', (nameservice) => {
  expect(() => clientConfiguration({ nameservice, gatewayPort: 9870 })).toThrow('cannot be the name of a nameservice')
})

test('a name or value stays a name or value, whatever is in it', () => {
  const text = configurationXml(new Map([['a<b', '"x" & ]]> </value>']]), 'no --> end')
  expect(text).toContain('<name>a&lt;b</name><value>&quot;x&quot; &amp; ]]&gt; &lt;/value&gt;</value>')
  expect(text).toContain('<!-- no -> end -->')
})
