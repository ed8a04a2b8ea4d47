// The one daemon that this page is of.

import { createClient, Live } from "../api";

export const client = createClient();
export const live = new Live();
