// Asks one address over HTTP/1.1 on many connections at once, each again as soon as it is answered, whatever the answer.
//
//     http_load PORT PATH TOKENFILE
//     round CONNECTIONS SECONDS    answers with status 200 a second
//     quantile Q                   microseconds that an answer of status 200 took, in the last round
//     refused                      answers of status 503 or 429 with a Retry-After, in the last round
//     other                        answers that were neither, and connections that were closed
#include "peer.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct asker {
    int socket;
    double asked;
    char *in;
    size_t got;
};

enum { CAPACITY = 1 << 18 };

static int port;
static char request[16384];
static size_t length;
static double *times;
static size_t told, room, refused, other;
static const char *first;

static int dial(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0) die("socket: %s", strerror(errno));
    if (connect(s, (struct sockaddr *)&address, sizeof address)) return close(s), -1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

static int ask(struct asker *asker) {
    asker->got = 0;
    asker->asked = seconds();
    return send(asker->socket, request, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static void note(double spent) {
    if (told == room) {
        room = room ? room * 2 : 1 << 16;
        times = realloc(times, room * sizeof *times);
        if (!times) die("out of memory");
    }
    times[told++] = spent;
}

// 1: a whole answer, noted; 0: more is to come; -1: the connection is of no more use.
static int receive(struct asker *asker) {
    ssize_t count = recv(asker->socket, asker->in + asker->got, CAPACITY - 1 - asker->got, 0);
    if (count <= 0) return -1;
    asker->got += (size_t)count;
    asker->in[asker->got] = 0;
    char *body = strstr(asker->in, "\r\n\r\n"), *size = strcasestr(asker->in, "\r\ncontent-length:");
    if (!body) return 0;
    if (!size || size > body) return -1;
    if (asker->got < (size_t)(body + 4 - asker->in) + strtoul(size + 17, NULL, 10)) return 0;
    int status = atoi(asker->in + 9);
    char *retry = strcasestr(asker->in, "\r\nretry-after:");
    if (status == 200) {
        note(seconds() - asker->asked);
    } else if ((status == 503 || status == 429) && retry && retry < body) {
        refused++;
    } else {
        if (!other) fprintf(stderr, "http_load: %.*s\n", 600, asker->in);
        other++;
    }
    return 1;
}

static double run_round(long count, double wanted) {
    struct asker *askers = calloc((size_t)count, sizeof *askers);
    int poll = epoll_create1(0);
    told = refused = other = 0;
    for (long i = 0; i < count; i++) {
        askers[i].socket = dial();
        askers[i].in = malloc(CAPACITY);
        if (askers[i].socket < 0) {
            other++;
            continue;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(poll, EPOLL_CTL_ADD, askers[i].socket, &event);
    }
    // All at once, when all are connected.
    double start = seconds(), end = start + wanted, now = start;
    for (long i = 0; i < count; i++)
        if (askers[i].socket >= 0) ask(&askers[i]);
    while ((now = seconds()) < end) {
        struct epoll_event events[256];
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct asker *asker = &askers[events[i].data.u32];
            int done = receive(asker);
            if (done == 0 || (done == 1 && ask(asker))) continue;
            other++;
            close(asker->socket);
            asker->socket = -1;
        }
    }
    for (long i = 0; i < count; i++) {
        if (askers[i].socket >= 0) close(askers[i].socket);
        free(askers[i].in);
    }
    free(askers);
    close(poll);
    return (double)told / (now - start);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **arguments) {
    port = (int)argument(count, arguments, 1);
    if (count < 4) die("PORT PATH TOKENFILE");
    size_t size;
    char *token = (char *)read_whole(arguments[3], &size);
    while (size && token[size - 1] == '\n') size--;
    first = arguments[2];
    length = (size_t)snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %.*s\r\n\r\n", first, (int)size, token);
    if (length >= sizeof request) die("the token is too long");
    ready();
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        long connections;
        double number;
        if (sscanf(line, "round %ld %lf", &connections, &number) == 2) {
            answer(run_round(connections, number));
            qsort(times, told, sizeof *times, ascending);
        } else if (sscanf(line, "quantile %lf", &number) == 1) {
            answer(told ? times[(size_t)((double)(told - 1) * number)] * 1e6 : 0);
        } else if (!strncmp(line, "refused", 7)) {
            answer((double)refused);
        } else if (!strncmp(line, "other", 5)) {
            answer((double)other);
        } else {
            die("unknown command %s", line);
        }
    }
    return 0;
}
