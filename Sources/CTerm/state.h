// What the files of this room share. None of it is seen from outside.
#ifndef CTERM_STATE_H
#define CTERM_STATE_H

#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
// Not <term.h>: it defines macros named lines, columns and buttons.
#include <curses.h>

#include <signal.h>
#include <termios.h>

#include "cterm.h"

#define PASTE_BEGIN_KEY (KEY_MAX + 1)
#define PASTE_END_KEY (KEY_MAX + 2)

// What is open; everything is NULL, -1 or 0 otherwise.
typedef struct {
    SCREEN *screen;
    WINDOW *keyboard;  // a pad: reading from it never paints anything, reading from stdscr would
    int input, output;
    int features;
    int has_colors;
    int cursor_shown;  // -1 when it is not known
    int repaint_pending;
    wchar_t replacement;  // for characters that cannot be shown
    struct termios saved_modes;
} ct_state;

extern ct_state ct;
// Open and not left. Shared with the signal handlers.
extern volatile sig_atomic_t ct_live;

// Writes to the terminal past curses, live or not.
void ct_write_text(const char *text);
// Writes what the program wants written on leaving.
void ct_write_leave_extra(void);
// Puts together the bytes that bring the terminal back, while terminfo can still be asked.
void ct_prepare_leaving(void);
void ct_guard_crashes(void);
void ct_unguard_crashes(void);
// Takes the signals that the terminal sends; returns 0 if that is not possible.
int ct_hear_signals(void);
void ct_unhear_signals(void);

#endif
