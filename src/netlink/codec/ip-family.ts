/** Families of IP addresses by name, as headers have them. */
import { AF_INET, AF_INET6, AF_UNSPEC } from '../constants.ts';

export const IP_FAMILIES = { unspec: AF_UNSPEC, inet: AF_INET, inet6: AF_INET6 } as const;
