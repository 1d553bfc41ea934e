/** Moto, which speaks the wire protocol of AWS. It checks neither tokens nor rights: tests put who does in front of it. */

import { HOSTS } from '../addresses.ts'
import { fromPypi, pypiFolder } from '../build/pypi.ts'
import type { Part } from '../part.ts'

/** Plain HTTP, all services at one port. */
export const MOTO_URL = `http://${HOSTS['aws.lab']}:5000`

export const moto: Part = {
  name: 'moto',
  needs: [],
  isOptional: true,
  fetch: async (folder, progress) => void (await fromPypi(folder, progress, 'moto')),
  async start({ folder, daemon }) {
    const program = 'import sys; from moto.server import main; main(sys.argv[1:])'
    await daemon({
      name: 'moto',
      command: ['python3', '-c', program, '--host', HOSTS['aws.lab'], '--port', '5000'],
      env: {
        PYTHONPATH: pypiFolder(folder, 'moto'),
        PATH: '/usr/local/bin:/usr/bin:/bin',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      ready: async () =>
        fetch(`${MOTO_URL}/moto-api/`).then(
          ({ ok }) => ok,
          () => false,
        ),
    })
  },
}
