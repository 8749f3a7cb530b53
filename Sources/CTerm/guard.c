// Bringing the terminal back when the program dies, and what else goes past curses.
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile sig_atomic_t ct_live;
static volatile sig_atomic_t saved_errors = -1;
static char leave_modes[256];   // what curses would write on leaving
static volatile size_t leave_modes_length;
static char leave_extra[256];   // what the program wants on top
static volatile size_t leave_extra_length;

static const int guarded[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
enum { GUARDED_COUNT = sizeof guarded / sizeof guarded[0] };
static struct sigaction guarded_before[GUARDED_COUNT];
static struct sigaction dies;
// The Swift runtime's handler asks on the terminal what to do and waits half a minute for an answer, unless it was told otherwise before the
// program started; telling it by starting anew costs the loading of all libraries again. Who wants a backtrace sets SWIFT_BACKTRACE.
static int makes_backtrace;
static const char crash_note[] =
    "The program crashed; its log file ends with the reason. For a backtrace set SWIFT_BACKTRACE=enable=yes,interactive=no.\n";

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

void ct_write_text(const char *text) { write_all(ct.output, text, strlen(text)); }

void ct_write(const char *bytes, size_t count) {
    if (ct_live) write_all(ct.output, bytes, count);
}

void ct_write_leave_extra(void) { write_all(ct.output, leave_extra, leave_extra_length); }

void ct_on_leave(const char *bytes, size_t count) {
    leave_extra_length = 0;  // a crash between these lines writes nothing rather than half of it
    if (count > sizeof leave_extra) return;
    memcpy(leave_extra, bytes, count);
    leave_extra_length = count;
}

// Only write, tcsetattr, dup2, sigaction and raise here: all are safe in a signal handler. endwin is not.
static void on_crash(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    if (ct_live) {
        ct_live = 0;  // other threads go on running while the backtrace is made: they must not paint
        write_all(ct.output, leave_modes, leave_modes_length);
        ct_write_leave_extra();
        tcsetattr(ct.input, TCSANOW, &ct.saved_modes);
    }
    if (saved_errors >= 0) {
        dup2(saved_errors, 2);
        write_all(2, crash_note, sizeof crash_note - 1);
    }
    for (int i = 0; i < GUARDED_COUNT; i++)
        if (guarded[i] == signal_number) sigaction(signal_number, makes_backtrace ? &guarded_before[i] : &dies, NULL);
    // A fault happens again on return and reaches the handler that was there before; a sent signal does not.
    if (info->si_code <= 0) raise(signal_number);
}

void ct_guard_crashes(void) {
    makes_backtrace = getenv("SWIFT_BACKTRACE") != NULL;
    dies.sa_handler = SIG_DFL;
    sigemptyset(&dies.sa_mask);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < GUARDED_COUNT; i++) sigaction(guarded[i], &action, &guarded_before[i]);
}

void ct_unguard_crashes(void) {
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

void ct_prepare_leaving(void) {
    leave_modes_length = 0;
    if (ct.features & CT_FEATURE_SYNC) append_text("\033[?2026l");
    if (ct.features & CT_FEATURE_MOUSE) append_text("\033[?1006l\033[?1003l\033[?1002l\033[?1000l");
    if (ct.features & CT_FEATURE_XTERM) append_text("\033[?2004l");
    append_capability("sgr0");
    append_capability("cnorm");
    append_capability("rmkx");
    append_capability("rmcup");
}

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
