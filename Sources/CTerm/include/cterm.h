// Everything this program asks of curses, as plain numbers and structures. Swift never sees curses.h: half of it is
// macros and shared globals that Swift 6 rightly refuses. All of it is for one thread at a time, except what the
// crash guard does by itself.
#ifndef CTERM_H
#define CTERM_H

#include <stddef.h>
#include <stdint.h>

enum {
    CT_BOLD = 1,
    CT_DIM = 2,
    CT_UNDERLINE = 4,
    CT_REVERSE = 8,
};

// One character cell. `width` 0 is the right half of the wide one before it and is skipped.
typedef struct {
    uint32_t base, mark1, mark2;
    uint8_t width;
    uint8_t attributes;
    int16_t pair;
} ct_cell;

enum {
    CT_FEATURE_MOUSE = 1,
    // Terminals that take xterm's private modes: bracketed paste.
    CT_FEATURE_XTERM = 2,
    // Synchronised output around each frame.
    CT_FEATURE_SYNC = 4,
};

typedef struct {
    const char *term;
    int input, output;
    int features;
    int escape_delay;  // milliseconds
} ct_options;

typedef struct {
    int colors;  // 0 on a monochrome terminal
    int is_utf8;
} ct_info;

typedef enum {
    CT_OPENED = 0,
    CT_NOT_A_TERMINAL = 1,
    CT_UNKNOWN_TERM = 2,
    CT_ALREADY_OPEN = 3,
} ct_status;

typedef enum {
    CT_NONE = 0,       // nothing more to read now
    CT_CHARACTER = 1,  // value: a Unicode scalar
    CT_KEY = 2,        // value: one of the CT_KEY_ numbers
    CT_MOUSE = 3,      // value: one of the CT_MOUSE_ numbers, row, column
    CT_CLOSED = 4,     // the terminal is gone
    CT_OTHER = 5,      // something that means nothing here
} ct_event_kind;

enum {
    CT_KEY_UP = 1, CT_KEY_DOWN, CT_KEY_LEFT, CT_KEY_RIGHT, CT_KEY_PAGE_UP, CT_KEY_PAGE_DOWN, CT_KEY_HOME, CT_KEY_END,
    CT_KEY_INSERT, CT_KEY_DELETE, CT_KEY_BACKSPACE, CT_KEY_ENTER, CT_KEY_BACK_TAB, CT_KEY_PASTE_BEGIN,
    CT_KEY_PASTE_END,
    CT_KEY_FUNCTION = 100,  // plus the number of the key
};

enum { CT_MOUSE_PRESS = 1, CT_MOUSE_RELEASE, CT_MOUSE_SECONDARY, CT_MOUSE_WHEEL_UP, CT_MOUSE_WHEEL_DOWN };

typedef struct {
    ct_event_kind kind;
    uint32_t value;
    int row, column;
} ct_event;

// Opens the terminal: full screen, raw keys, crash guard. One terminal at a time.
ct_status ct_open(const ct_options *options, ct_info *info);
// Gives the terminal back as it was found; does nothing when it is not open.
void ct_close(void);
// Leaves the screen until ct_resume, as ct_close does, but keeps everything in memory.
void ct_leave(void);
// Takes the screen again, also after a stop from outside; the next flush paints all of it.
void ct_resume(void);
// Open and not left. While it is not, nothing here writes.
int ct_is_live(void);

// The size the kernel reports, 80x24 where it knows none.
void ct_measure(int output, int *columns, int *rows);
// Tells curses a new size; the next flush paints all.
void ct_resize(int columns, int rows);

// Defines colour pair `index` (1 and on); -1 is the terminal's own colour. Returns the pair to use in cells: 0, the
// terminal's own colours, when there are not that many pairs.
int ct_pair(int index, int foreground, int background);
// Puts cells into the next frame. Rows and columns outside are left out.
void ct_put(int row, int column, const ct_cell *cells, int count);
// Blanks the next frame.
void ct_erase(void);
// The next flush paints all, whatever curses thinks is on the screen.
void ct_repaint(void);
// Paints the next frame; row -1 hides the cursor.
void ct_flush(int cursor_row, int cursor_column);

// The next thing from the keyboard or mouse; never waits longer than the escape delay.
ct_event ct_read(void);

// From ct_open on, INT, TERM, HUP, WINCH and CONT are not obeyed but kept here until somebody asks: a descriptor that
// can be read when there are some, and the next one, 0 when there is none.
int ct_signal_channel(void);
int ct_next_signal(void);

// Writes bytes past curses: titles, clipboard, bell.
void ct_write(const char *bytes, size_t count);
// Gives memory that is free back to the system, and the code that only the start needed.
void ct_release_memory(void);

// Adds what has to be written when the screen is left, a crash included. Empty to forget it.
void ct_on_leave(const char *bytes, size_t count);

// Sends what is written to standard error to another file, since one line on the screen would spoil it.
int ct_divert_errors(int fd);
// Undoes that.
void ct_restore_errors(void);

// Stops the process group, as Ctrl-Z does where it is not read as a key.
void ct_stop_group(void);

#endif
