/** Says yes to every review, and looks at nothing of it but its uid; to a GET it says how many came. Run as a process: HOST PORT CERTIFICATE KEY. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [host = '', port = '', certificate = '', key = ''] = process.argv.slice(2)
const tls = { cert: readFileSync(certificate), key: readFileSync(key) }

let asked = 0
createServer({ ...tls, keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'GET') return void response.end(String(asked))
  asked += 1
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const [, uid = ''] = /"uid":"([^"]+)"/.exec(Buffer.concat(pieces).toString('latin1')) ?? []
    const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } }
    const text = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
    response.end(text)
  })
}).listen(Number(port), host)
