/** Each form of a credential is known by sight, and what looks alike is not taken for one. */
import { expect, test } from 'vitest'
import { credentialIn } from './credentials.ts'

test.each([
  'HTTP/1.1 200 OK\r\nSet-Cookie: x=y\r\n',
  'hadoop.auth="u=quant&p=quant@LAB&t=kerberos&e=1&s=x="',
  '{"locatedBlocks":[{"blockToken":{"urlString":"AAAA"}}]}',
  '{"blockToken": "AAAA"}',
  'HTTP/1.1 401\r\nWWW-Authenticate: Negotiate\r\n',
  'Location: https://dn1.lab:9865/webhdfs/v1/x?op=OPEN&delegation=GgAFcXVhbnQFcXVhbnQAigGb',
  'https://dn1.lab:9865/webhdfs/v1/x?op=OPEN&namenoderpcaddress=lab',
  '{"msg":"logged in","token":"s.4oIzMnu0lS1nUiKvXjBnDYRe"}',
  'X-Vault-Token: hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrabYTobQ4Ymnlq1qY',
])('%j', (text) => {
  expect(credentialIn(text)).toEqual(expect.any(String))
})

test.each([
  '{"message":"delegation=…"}',
  'the cookie hadoop.auth',
  '{"blockToken":""}',
  'o.a.h.s.NameNodeResourceCheckerAndMore',
])('not %j', (text) => {
  expect(credentialIn(text)).toBeUndefined()
})
