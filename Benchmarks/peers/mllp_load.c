// A sender of HL7 v2 over MLLP: many connections, one message at a time on each, every second message an admission's update (ADT^A08)
// and every other a laboratory report (ORU^R01) of three values. No message comes twice.
//
//     mllp_load PORT CONNECTIONS SOURCE PATIENTS
//     round SECONDS RATE    RATE messages a second over all connections, 0 for as many as are answered; answers acknowledged a second
//     quantile Q            microseconds from when a message was due until it was acknowledged, in the last round
//     refused               answers of the last round that were not AA
//     idle CONNECTIONS      opens so many more, which say nothing, and keeps them
#include "peer.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct sender {
    int socket;
    double due, next;  // when the message under way was due, and the next one is
    int waiting;
    char in[4096];
    size_t got;
};

static int port;
static const char *source;
static long patients;
static uint64_t made = 0, base = 0;
static double *times = NULL;
static size_t told = 0, room = 0, refused = 0;

static int dial(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s < 0 || connect(s, (struct sockaddr *)&address, sizeof address)) die("connect: %s", strerror(errno));
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

// An NHS number of the test range, by its check digit; the serials whose check digit would be 10 are passed over.
static void number(uint64_t serial, char out[11]) {
    for (uint64_t n = 900000000ull + serial * 7;; n++) {
        snprintf(out, 11, "%09llu", (unsigned long long)n);
        int sum = 0;
        for (int i = 0; i < 9; i++) sum += (out[i] - '0') * (10 - i);
        int check = (11 - sum % 11) % 11;
        if (check == 10) continue;
        out[9] = (char)('0' + check);
        out[10] = 0;
        return;
    }
}

static size_t message(char *out, size_t capacity) {
    // Neighbours in time are about different patients, as they are in a hospital.
    uint64_t id = made++, patient = (id / 2 * 617 + (id & 1) * 997) % (uint64_t)patients;
    char nhs[11], pid[400], stamp[16];
    number(patient, nhs);
    // Each later than the one before, a second for each.
    uint64_t at = id % 86400, day = id / 86400 % 28 + 1;
    snprintf(stamp, sizeof stamp, "202401%02d%02d%02d%02d", (int)day, (int)(at / 3600), (int)(at / 60 % 60), (int)(at % 60));
    snprintf(pid, sizeof pid,
        "PID|1||%s^^^NHS^NH~L%llu^^^%s^MR||GREEN%llu^ANN^^^^^L||1970%02d%02d|2|||%llu High Street^^Weymouth^Dorset^DT4 %dAA^GBR^H||01305%06d||||"
        "|||||||||||||||NSTS01\r",
        nhs, (unsigned long long)patient, source, (unsigned long long)(patient / 100), (int)(patient % 12) + 1,
        (int)(patient % 28) + 1, (unsigned long long)(patient % 200) + 1, (int)(patient % 10), (int)(patient % 1000000));
    int isReport = (int)(id & 1), length;
    if (isReport) {
        length = snprintf(out, capacity,
            "\x0bMSH|^~\\&|LIMS|%s|DCR|DORSET|%s||ORU^R01|R%llu-%llu|P|2.4||||||UNICODE UTF-8\r%s"
            "OBR|1|O%llu^%s|O%llu-L^%s|24326-1^Electrolytes^LN|||%s||||||||BLDV&Venous blood|||||||%s||CH|F\r"
            "OBX|1|NM|2951-2^Sodium^LN||%d|mmol/L|133-146|N|||F|||%s\r"
            "OBX|2|NM|2823-3^Potassium^LN||%d.%d|mmol/L|3.5-5.3|N|||F|||%s\r"
            "OBX|3|NM|2160-0^Creatinine^LN||%d|umol/L|49-90|N|||F|||%s\r\x1c\r",
            source, stamp, (unsigned long long)base, (unsigned long long)id, pid, (unsigned long long)id, source,
            (unsigned long long)id, source, stamp, stamp, 133 + (int)(id % 13), stamp, 3 + (int)(id % 2), (int)(id % 10),
            stamp, 50 + (int)(id % 40), stamp);
    } else {
        length = snprintf(out, capacity,
            "\x0bMSH|^~\\&|PAS|%s|DCR|DORSET|%s||ADT^A08|A%llu-%llu|P|2.4||||||UNICODE UTF-8\rEVN|A08|%s\r%s"
            "PV1|1|I|CARDIOLOGY^BAY%d^B%d^%s|||||||cardiology|||||||||V%llu^^^%s^VN|||||||||||||||||||||||||20231224083000\r"
            "DG1|1||I50.9^Heart failure^I10||%s|A\r\x1c\r",
            source, stamp, (unsigned long long)base, (unsigned long long)id, stamp, pid, (int)(id % 4) + 1,
            (int)(id % 6) + 1, source, (unsigned long long)patient, source, stamp);
    }
    if (length < 0 || (size_t)length >= capacity) die("a message is too long");
    return (size_t)length;
}

static void send_one(struct sender *sender) {
    char bytes[4096];
    size_t length = message(bytes, sizeof bytes), sent = 0;
    while (sent < length) {
        ssize_t count = send(sender->socket, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) die("send: %s", strerror(errno));
        sent += (size_t)count;
    }
    sender->waiting = 1;
}

// Whether the whole answer came.
static int receive(struct sender *sender) {
    ssize_t count = recv(sender->socket, sender->in + sender->got, sizeof sender->in - 1 - sender->got, 0);
    if (count <= 0) die("recv: %s", count == 0 ? "closed" : strerror(errno));
    sender->got += (size_t)count;
    if (sender->got < 2 || memcmp(sender->in + sender->got - 2, "\x1c\r", 2)) return 0;
    sender->in[sender->got] = 0;
    if (!strstr(sender->in, "\rMSA|AA|")) {
        if (!refused) fprintf(stderr, "mllp_load: %s\n", sender->in);
        refused++;
    }
    sender->got = 0;
    sender->waiting = 0;
    return 1;
}

static void note(double spent) {
    if (told == room) {
        room = room ? room * 2 : 1 << 16;
        times = realloc(times, room * sizeof *times);
        if (!times) die("out of memory");
    }
    times[told++] = spent;
}

static double run_round(struct sender *senders, long count, double length, double rate) {
    int poll = epoll_create1(0);
    double start = seconds(), end = start + length, gap = rate > 0 ? (double)count / rate : 0;
    told = refused = 0;
    long waiting = 0;
    for (long i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        epoll_ctl(poll, EPOLL_CTL_ADD, senders[i].socket, &event);
        senders[i].next = start + gap * (double)i / (double)count;
    }
    double now = start;
    while (now < end || waiting > 0) {
        double soonest = end;
        for (long i = 0; i < count && now < end; i++) {
            struct sender *sender = &senders[i];
            if (sender->waiting) continue;
            if (sender->next <= now) {
                sender->due = gap > 0 ? sender->next : now;
                sender->next += gap;
                send_one(sender);
                waiting++;
            } else if (sender->next < soonest) {
                soonest = sender->next;
            }
        }
        struct epoll_event events[64];
        double patience = now >= end ? 10 : soonest > now ? soonest - now : 0;
        struct timespec limit = {(time_t)patience, (long)((patience - (double)(time_t)patience) * 1e9)};
        int ready = epoll_pwait2(poll, events, 64, &limit, NULL);
        if (ready < 0 && errno != EINTR) die("epoll: %s", strerror(errno));
        if (ready == 0 && now >= end) die("an answer did not come within 10 s");
        now = seconds();
        for (int i = 0; i < ready; i++) {
            struct sender *sender = &senders[events[i].data.u32];
            if (!receive(sender)) continue;
            waiting--;
            note(now - sender->due);
            if (gap == 0 && now < end) {
                sender->due = now;
                send_one(sender);
                waiting++;
            }
        }
    }
    close(poll);
    return (double)told / (now - start);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **arguments) {
    port = (int)argument(count, arguments, 1);
    long connections = argument(count, arguments, 2);
    source = count > 3 ? arguments[3] : "ZZH01";
    patients = argument(count, arguments, 4);
    base = (uint64_t)time(NULL) * 1000 + (uint64_t)getpid() % 1000;
    struct sender *senders = calloc((size_t)connections, sizeof *senders);
    for (long i = 0; i < connections; i++) senders[i].socket = dial();
    ready();
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        double length, rate, share;
        long more;
        if (sscanf(line, "round %lf %lf", &length, &rate) == 2) {
            answer(run_round(senders, connections, length, rate));
            qsort(times, told, sizeof *times, ascending);
        } else if (sscanf(line, "quantile %lf", &share) == 1) {
            answer(told ? times[(size_t)((double)(told - 1) * share)] * 1e6 : 0);
        } else if (!strncmp(line, "refused", 7)) {
            answer((double)refused);
        } else if (sscanf(line, "idle %ld", &more) == 1) {
            for (long i = 0; i < more; i++) dial();
            answer((double)more);
        } else {
            die("unknown command %s", line);
        }
    }
    return 0;
}
