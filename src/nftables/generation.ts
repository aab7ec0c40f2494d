/** The generation of the ruleset: a counter that each transaction increments. */
import type { Request } from '../netlink/connection.ts';
import { generation, type Generation, type GenerationInput } from './messages/batch.ts';
import { NFT_MSG_GETGEN } from './messages/constants.ts';

/** Gets the generation of the ruleset. */
export const getGeneration = (): Request<Generation, GenerationInput> => ({
  message: generation,
  type: NFT_MSG_GETGEN,
  value: {},
});
