/** The rows of a whole directory that policy shows. */
import { filterListing } from '../listing.ts'
import type { Filter } from '../operation.ts'

export const CHILDREN: Filter = {
  without: 'children that policy does not show',
  cut: (body, { target, isVisible }) => filterListing(body, target, isVisible),
}
