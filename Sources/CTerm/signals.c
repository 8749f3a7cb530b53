// Signals as bytes in a pipe, to be read where keys are read. Handlers of our own rather than dispatch sources: those
// are put in place later, on another thread, and a signal that comes before is lost or ends the program.
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// SIGTSTP is not among them: sent from outside it just stops, and SIGCONT tells of it afterwards.
static const int heard[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};
enum { HEARD_COUNT = sizeof heard / sizeof heard[0] };
static struct sigaction heard_before[HEARD_COUNT];
static int channel[2] = {-1, -1};

static void on_signal(int signal_number) {
    int error = errno;
    unsigned char byte = (unsigned char)signal_number;
    // A full pipe holds enough of them already.
    (void)!write(channel[1], &byte, 1);
    errno = error;
}

int ct_hear_signals(void) {
    if (channel[0] < 0) {
        // Made once and never closed: a dispatch source may be looking at it still when the screen is closed.
        if (pipe(channel) != 0) return 0;
        for (int i = 0; i < 2; i++) {
            fcntl(channel[i], F_SETFD, FD_CLOEXEC);
            fcntl(channel[i], F_SETFL, O_NONBLOCK);
        }
    }
    while (ct_next_signal() != 0) {}
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < HEARD_COUNT; i++) sigaction(heard[i], &action, &heard_before[i]);
    return 1;
}

void ct_unhear_signals(void) {
    for (int i = 0; i < HEARD_COUNT; i++) sigaction(heard[i], &heard_before[i], NULL);
}

int ct_signal_channel(void) { return channel[0]; }

int ct_next_signal(void) {
    unsigned char byte = 0;
    ssize_t count;
    do count = read(channel[0], &byte, 1);
    while (count < 0 && errno == EINTR);
    return count == 1 ? byte : 0;
}
