/** Where the blocks of a file are, without the tokens that would let anybody read them from any DataNode. */
import type { Filter } from '../operation.ts'
import { type Fields, fieldsAt, isFields, only, readAnswer, rowsAt } from './read-answer.ts'

/** Of `JsonUtil.toJsonString(LocatedBlocks)`: everything but the tokens. */
const OF_ALL = ['fileLength', 'isLastBlockComplete', 'isUnderConstruction'] as const
const OF_ONE = ['block', 'cachedLocations', 'isCorrupt', 'locations', 'startOffset', 'storageTypes'] as const

/** `{"LocatedBlocks":{"locatedBlocks":[{"blockToken":{"urlString":…},"block":{…},…}],"lastLocatedBlock":{…},…}}`. */
export const NO_BLOCK_TOKENS: Filter = {
  without: 'block tokens',
  cut(body) {
    const located = fieldsAt(readAnswer(body), 'LocatedBlocks')
    const last = located['lastLocatedBlock']
    return JSON.stringify({
      LocatedBlocks: {
        ...only(located, OF_ALL),
        locatedBlocks: rowsAt(located, 'locatedBlocks').filter(isFields).map(withoutToken),
        ...(isFields(last) ? { lastLocatedBlock: withoutToken(last) } : {}),
      },
    })
  },
}

const withoutToken = (block: Fields): Fields => only(block, OF_ONE)
