/* SPDX-License-Identifier: GPL-2.0 */
#define FIELD_PREP(mask, value)						\
	(((__typeof__(mask))(value) << __builtin_ctzll(mask)) & (mask))
#define FIELD_GET(mask, word)						\
	(((word) & (mask)) >> __builtin_ctzll(mask))
