/**
 * Says yes to every review, and looks at nothing of it but its uid; with a patch, always the same, if it was given one and may. To a GET it
 * says how many came. Run as a process: HOST PORT CERTIFICATE KEY [PATCH].
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [host = '', port = '', certificate = '', key = '', patchFile] = process.argv.slice(2)
const tls = { cert: readFileSync(certificate), key: readFileSync(key) }
const patch =
  patchFile === undefined ? {} : { patchType: 'JSONPatch', patch: readFileSync(patchFile).toString('base64') }

let asked = 0
createServer({ ...tls, keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'GET') return void response.end(String(asked))
  asked += 1
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const [, uid = ''] = /"uid":"([^"]+)"/.exec(Buffer.concat(pieces).toString('latin1')) ?? []
    const judged = { uid, allowed: true, ...(request.url?.startsWith('/mutate') ? patch : {}) }
    const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: judged }
    const text = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.end(text)
  })
}).listen(Number(port), host)
