#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
// Not <term.h>: it defines macros named lines, columns and buttons.
#include <curses.h>

#include "cterm.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define PASTE_BEGIN_KEY (KEY_MAX + 1)
#define PASTE_END_KEY (KEY_MAX + 2)
#define LONGEST_ROW 4096

static SCREEN *screen;
static WINDOW *keyboard;  // a pad: reading from it never paints anything, reading from stdscr would
static FILE *in_file, *out_file;
static int in_fd = -1, out_fd = -1;
static int features;
static int has_colors_now;
static int cursor_shown = -1;
static int repaint_pending;
static wchar_t replacement = L'?';
static struct termios saved_modes;

// Shared with the signal handler.
static volatile sig_atomic_t live;
static volatile sig_atomic_t saved_errors = -1;
static char leave_modes[256];   // what curses would write on leaving
static volatile size_t leave_modes_length;
static char leave_extra[256];   // what the program wants on top
static volatile size_t leave_extra_length;

// Faults, and the signals that end a program: those three matter until somebody listens for them.
static const int guarded[] = {
    SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGINT, SIGTERM, SIGHUP,
};
enum { GUARDED_COUNT = sizeof guarded / sizeof guarded[0] };
static struct sigaction guarded_before[GUARDED_COUNT];

// Signals for which curses installs handlers of its own, which run on any thread and call what is not safe there:
// they are taken out again at once.
static const int borrowed[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
enum { BORROWED_COUNT = sizeof borrowed / sizeof borrowed[0] };
static struct sigaction borrowed_before[BORROWED_COUNT];

// ---- writing past curses

static void write_all(int fd, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (poll(&wait, 1, 1000) <= 0) return;
        } else if (written < 0 && errno != EINTR) {
            return;
        }
    }
}

static void write_text(const char *text) { write_all(out_fd, text, strlen(text)); }

void ct_write(const char *bytes, size_t count) {
    if (live) write_all(out_fd, bytes, count);
}

void ct_on_leave(const char *bytes, size_t count) {
    leave_extra_length = 0;  // a crash between these lines writes nothing rather than half of it
    if (count > sizeof leave_extra) return;
    memcpy(leave_extra, bytes, count);
    leave_extra_length = count;
}

// ---- crash guard

// Only write, tcsetattr, dup2, sigaction and raise here: all are safe in a signal handler. endwin is not.
static void on_crash(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    if (live) {
        live = 0;  // other threads go on running while the backtrace is made: they must not paint
        write_all(out_fd, leave_modes, leave_modes_length);
        write_all(out_fd, leave_extra, leave_extra_length);
        tcsetattr(in_fd, TCSANOW, &saved_modes);
    }
    if (saved_errors >= 0) dup2(saved_errors, 2);
    for (int i = 0; i < GUARDED_COUNT; i++)
        if (guarded[i] == signal_number) sigaction(signal_number, &guarded_before[i], NULL);
    // A fault happens again on return and reaches the handler that was there before; anything else does not.
    int ends = signal_number == SIGINT || signal_number == SIGTERM || signal_number == SIGHUP;
    if (ends || info->si_code <= 0) raise(signal_number);
}

static void guard_crashes(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < GUARDED_COUNT; i++) sigaction(guarded[i], &action, &guarded_before[i]);
}

static void unguard_crashes(void) {
    for (int i = 0; i < GUARDED_COUNT; i++) sigaction(guarded[i], &guarded_before[i], NULL);
}

// Appends a terminfo string without its padding marks ("$<2>"), which only tputs understands.
static void append_capability(const char *name) {
    const char *text = tigetstr(name);
    if (text == NULL || text == (const char *)-1) return;
    while (*text != 0 && leave_modes_length < sizeof leave_modes) {
        if (text[0] == '$' && text[1] == '<') {
            const char *end = strchr(text, '>');
            if (end != NULL) {
                text = end + 1;
                continue;
            }
        }
        leave_modes[leave_modes_length++] = *text++;
    }
}

static void append_text(const char *text) {
    while (*text != 0 && leave_modes_length < sizeof leave_modes) leave_modes[leave_modes_length++] = *text++;
}

static void prepare_leaving(void) {
    leave_modes_length = 0;
    if (features & CT_FEATURE_SYNC) append_text("\033[?2026l");
    if (features & CT_FEATURE_MOUSE) append_text("\033[?1006l\033[?1003l\033[?1002l\033[?1000l");
    if (features & CT_FEATURE_XTERM) append_text("\033[?2004l");
    append_capability("sgr0");
    append_capability("cnorm");
    append_capability("rmkx");
    append_capability("rmcup");
}

// ---- opening and closing

static int set_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL) setlocale(LC_CTYPE, "C");
    // No language set, as often over ssh: the terminal is far more likely to be UTF-8 than ASCII.
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) setlocale(LC_CTYPE, "C.UTF-8");
    replacement = wcwidth(0xFFFD) == 1 ? 0xFFFD : L'?';
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void close_files(void) {
    if (in_file != NULL) fclose(in_file);
    if (out_file != NULL) fclose(out_file);
    in_file = out_file = NULL;
}

static FILE *open_copy(int fd, const char *mode) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return NULL;
    FILE *file = fdopen(copy, mode);
    if (file == NULL) close(copy);
    return file;
}

static void enter_modes(void) {
    if (features & CT_FEATURE_XTERM) write_text("\033[?2004h");
}

ct_status ct_open(const ct_options *options, ct_info *info) {
    if (screen != NULL) return CT_ALREADY_OPEN;
    if (!isatty(options->input) || !isatty(options->output) || tcgetattr(options->input, &saved_modes) != 0)
        return CT_NOT_A_TERMINAL;
    info->is_utf8 = set_locale();
    in_file = open_copy(options->input, "r");
    out_file = open_copy(options->output, "w");
    if (in_file == NULL || out_file == NULL) {
        close_files();
        return CT_NOT_A_TERMINAL;
    }
    for (int i = 0; i < BORROWED_COUNT; i++) sigaction(borrowed[i], NULL, &borrowed_before[i]);
    screen = newterm(options->term, out_file, in_file);
    for (int i = 0; i < BORROWED_COUNT; i++) sigaction(borrowed[i], &borrowed_before[i], NULL);
    if (screen == NULL) {
        close_files();
        return CT_UNKNOWN_TERM;
    }
    in_fd = fileno(in_file);
    out_fd = fileno(out_file);
    features = options->features;

    raw();
    noecho();
    nonl();
    set_escdelay(options->escape_delay);
    // Pending input must not cut a frame short: the frame after it may be equal and never be painted.
    typeahead(-1);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, TRUE);
    curs_set(0);
    cursor_shown = 0;
    has_colors_now = has_colors() && start_color() == OK && COLORS >= 8;
    if (has_colors_now) use_default_colors();
    info->colors = has_colors_now ? COLORS : 0;

    keyboard = newpad(1, 1);
    keypad(keyboard, TRUE);
    nodelay(keyboard, TRUE);
    if (features & CT_FEATURE_XTERM) {
        define_key("\033[200~", PASTE_BEGIN_KEY);
        define_key("\033[201~", PASTE_END_KEY);
    }
    if (features & CT_FEATURE_MOUSE) {
        mouseinterval(0);  // no waiting to see whether a press becomes a click
        mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON3_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    }
    prepare_leaving();
    ct_on_leave("", 0);
    repaint_pending = 1;
    live = 1;
    guard_crashes();
    enter_modes();
    int columns, rows;
    ct_measure(out_fd, &columns, &rows);
    ct_resize(columns, rows);
    return CT_OPENED;
}

int ct_is_live(void) { return live; }

void ct_leave(void) {
    if (!live) return;
    if (features & CT_FEATURE_XTERM) write_text("\033[?2004l");
    write_all(out_fd, leave_extra, leave_extra_length);
    def_prog_mode();
    curs_set(1);
    live = 0;  // doupdate after endwin would quietly take the screen again
    endwin();
    tcsetattr(in_fd, TCSANOW, &saved_modes);
}

void ct_resume(void) {
    if (screen == NULL) return;
    // The shell may have changed the modes: what it left is what it gets back. After a stop from outside, without
    // leaving, the modes may be our own still, and those must not become the ones to give back.
    if (!live) tcgetattr(in_fd, &saved_modes);
    reset_prog_mode();
    live = 1;
    cursor_shown = -1;
    enter_modes();
    ct_repaint();
}

void ct_close(void) {
    if (screen == NULL) return;
    ct_leave();
    unguard_crashes();
    delwin(keyboard);
    delscreen(screen);
    screen = NULL;
    keyboard = NULL;
    close_files();
    in_fd = out_fd = -1;
    ct_restore_errors();
}

void ct_stop_group(void) { kill(0, SIGTSTP); }

// ---- standard error

int ct_divert_errors(int fd) {
    if (saved_errors >= 0) return dup2(fd, 2) >= 0;
    int copy = fcntl(2, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return 0;
    saved_errors = copy;
    return dup2(fd, 2) >= 0;
}

void ct_restore_errors(void) {
    if (saved_errors < 0) return;
    int copy = saved_errors;
    saved_errors = -1;
    dup2(copy, 2);
    close(copy);
}

// ---- size

static int limited(int value, int most) { return value < 1 ? 1 : value > most ? most : value; }

void ct_measure(int output, int *columns, int *rows) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    ioctl(output, TIOCGWINSZ, &size);
    // Serial lines and some containers report 0x0. The upper bounds keep a hostile report from asking for gigabytes.
    *columns = size.ws_col == 0 ? 80 : limited(size.ws_col, 2000);
    *rows = size.ws_row == 0 ? 24 : limited(size.ws_row, 1000);
}

void ct_resize(int columns, int rows) {
    if (screen == NULL) return;
    if (is_term_resized(rows, columns)) resizeterm(rows, columns);
    ct_repaint();
}

// ---- painting

int ct_pair(int index, int foreground, int background) {
    if (!has_colors_now || index < 1 || index >= COLOR_PAIRS || index > INT16_MAX) return 0;
    return init_extended_pair(index, foreground, background) == OK ? index : 0;
}

static attr_t attributes_of(uint8_t bits) {
    attr_t attributes = 0;
    if (bits & CT_BOLD) attributes |= A_BOLD;
    if (bits & CT_DIM) attributes |= A_DIM;
    if (bits & CT_UNDERLINE) attributes |= A_UNDERLINE;
    if (bits & CT_REVERSE) attributes |= A_REVERSE;
    return attributes;
}

static void set_cell(cchar_t *out, wchar_t base, const ct_cell *cell) {
    wchar_t text[4] = {base, 0, 0, 0};
    int length = 1;
    if (cell->mark1 != 0 && wcwidth((wchar_t)cell->mark1) == 0) text[length++] = (wchar_t)cell->mark1;
    if (cell->mark2 != 0 && wcwidth((wchar_t)cell->mark2) == 0) text[length++] = (wchar_t)cell->mark2;
    int pair = cell->pair;
    // Extended pairs only fit through the last parameter.
    setcchar(out, text, attributes_of(cell->attributes), 0, &pair);
}

void ct_put(int row, int column, const ct_cell *cells, int count) {
    if (!live || row < 0 || row >= LINES || column < 0 || column >= COLS) return;
    cchar_t line[LONGEST_ROW];
    int length = 0;
    for (int i = 0; i < count && length < LONGEST_ROW - 1; i++) {
        const ct_cell *cell = &cells[i];
        if (cell->width == 0) continue;
        wchar_t base = (wchar_t)cell->base;
        if (wcwidth(base) == cell->width) {
            set_cell(&line[length++], base, cell);
            continue;
        }
        // This C library measures the character otherwise than we do, or does not know it: a stand-in of the right
        // width keeps every column after it in its place.
        set_cell(&line[length++], replacement, cell);
        if (cell->width == 2) set_cell(&line[length++], L' ', cell);
    }
    mvwadd_wchnstr(stdscr, row, column, line, length);
}

void ct_erase(void) {
    if (live) werase(stdscr);
}

void ct_repaint(void) {
    repaint_pending = 1;
    if (screen != NULL) clearok(curscr, TRUE);
}

void ct_flush(int cursor_row, int cursor_column) {
    if (!live) return;
    int show = cursor_row >= 0;
    if (show != cursor_shown) {
        curs_set(show);
        leaveok(stdscr, !show);
        cursor_shown = show;
    }
    if (show) wmove(stdscr, cursor_row, cursor_column);
    wnoutrefresh(stdscr);
    // A repaint clears the screen, and clearing inside a synchronised block makes some terminals flash.
    int synchronised = (features & CT_FEATURE_SYNC) && !repaint_pending;
    if (synchronised) write_text("\033[?2026h");
    doupdate();
    if (synchronised) write_text("\033[?2026l");
    repaint_pending = 0;
}

// ---- keys

static int named_key(wint_t code) {
    switch (code) {
    case KEY_UP: return CT_KEY_UP;
    case KEY_DOWN: return CT_KEY_DOWN;
    case KEY_LEFT: return CT_KEY_LEFT;
    case KEY_RIGHT: return CT_KEY_RIGHT;
    case KEY_PPAGE: return CT_KEY_PAGE_UP;
    case KEY_NPAGE: return CT_KEY_PAGE_DOWN;
    case KEY_HOME: return CT_KEY_HOME;
    case KEY_END: return CT_KEY_END;
    case KEY_IC: return CT_KEY_INSERT;
    case KEY_DC: return CT_KEY_DELETE;
    case KEY_BACKSPACE: return CT_KEY_BACKSPACE;
    case KEY_ENTER: return CT_KEY_ENTER;
    case KEY_BTAB: return CT_KEY_BACK_TAB;
    case PASTE_BEGIN_KEY: return CT_KEY_PASTE_BEGIN;
    case PASTE_END_KEY: return CT_KEY_PASTE_END;
    default: return code > KEY_F0 && code <= KEY_F(63) ? CT_KEY_FUNCTION + (int)(code - KEY_F0) : 0;
    }
}

static ct_event mouse_event(void) {
    MEVENT mouse;
    ct_event event = {.kind = CT_OTHER};
    if (getmouse(&mouse) != OK) return event;
    event.row = mouse.y;
    event.column = mouse.x;
    if (mouse.bstate & BUTTON1_PRESSED) event.value = CT_MOUSE_PRESS;
    else if (mouse.bstate & BUTTON1_RELEASED) event.value = CT_MOUSE_RELEASE;
    else if (mouse.bstate & BUTTON3_PRESSED) event.value = CT_MOUSE_SECONDARY;
    else if (mouse.bstate & BUTTON4_PRESSED) event.value = CT_MOUSE_WHEEL_UP;
    else if (mouse.bstate & BUTTON5_PRESSED) event.value = CT_MOUSE_WHEEL_DOWN;
    if (event.value != 0) event.kind = CT_MOUSE;
    return event;
}

// A terminal that is gone is readable for ever and gives nothing; curses reports it as "no key yet".
static int is_closed(void) {
    struct pollfd state = {.fd = in_fd, .events = POLLIN};
    int available = 0;
    if (poll(&state, 1, 0) <= 0) return 0;
    if (state.revents & (POLLHUP | POLLERR | POLLNVAL)) return 1;
    return ioctl(in_fd, FIONREAD, &available) == 0 && available == 0;
}

ct_event ct_read(void) {
    ct_event event = {.kind = CT_NONE};
    if (!live) return event;
    wint_t code = 0;
    int result = wget_wch(keyboard, &code);
    if (result == ERR) {
        if (is_closed()) event.kind = CT_CLOSED;
    } else if (result == OK) {
        event.kind = CT_CHARACTER;
        event.value = code;
    } else if (code == KEY_MOUSE) {
        event = mouse_event();
    } else {
        int key = named_key(code);
        event.kind = key != 0 ? CT_KEY : CT_OTHER;
        event.value = (uint32_t)key;
    }
    return event;
}
