/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 30,000 symbols, some more than amdgpu has: to search them for one address
 * takes 720,000 instructions. Nobody calls them.
 */
	.altmacro

	.macro define number
symbol_\number:
	nop
	.endm

	.text
	.set number, 0
	.rept 30000
	define %number
	.set number, number + 1
	.endr

	.section .note.GNU-stack, "", @progbits
