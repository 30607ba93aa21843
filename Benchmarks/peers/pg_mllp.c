// A receiver of HL7 v2 over MLLP as one is written in an afternoon: a thread and a PostgreSQL connection for each sender, one insert a
// message, committed (synchronous_commit on), then acknowledged. It parses nothing but the message's id.
//
//     pg_mllp SOCKETFOLDER
//     port        answers the TCP port it listens at
#include "pg.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *folder;

static const char *field(const char *message, int wanted, size_t *length) {
    const char *at = message;
    for (int i = 1; i < wanted && at; i++) {
        at = strchr(at, '|');
        if (at) at++;
    }
    if (!at) at = message + strlen(message);
    *length = strcspn(at, "|\r");
    return at;
}

static void *serve(void *given) {
    int s = (int)(intptr_t)given;
    PGconn *connection = pg_connect(folder);
    pg_prepare(connection, "one", "INSERT INTO messages(control, body) VALUES ($1, $2)");
    static const size_t capacity = 1 << 20;
    char *in = malloc(capacity);
    size_t got = 0;
    for (;;) {
        ssize_t count = recv(s, in + got, capacity - 1 - got, 0);
        if (count <= 0) break;
        got += (size_t)count;
        in[got] = 0;
        if (got < 2 || memcmp(in + got - 2, "\x1c\r", 2)) continue;
        in[got - 2] = 0;
        size_t length;
        const char *id = field(in + 1, 10, &length);
        char control[64], out[256];
        snprintf(control, sizeof control, "%.*s", (int)(length < 60 ? length : 60), id);
        const char *parameters[2] = {control, in + 1};
        PQclear(pg_check(connection, PQexecPrepared(connection, "one", 2, parameters, NULL, NULL, 0)));
        int answered = snprintf(out, sizeof out,
            "\x0bMSH|^~\\&|DCR|DORSET|PAS|ZZH01|20240101000000||ACK|%s|P|2.4\rMSA|AA|%s\r\x1c\r", control, control);
        if (send(s, out, (size_t)answered, MSG_NOSIGNAL) != answered) break;
        got = 0;
    }
    free(in);
    close(s);
    PQfinish(connection);
    return NULL;
}

static void *accepting(void *given) {
    int listener = (int)(intptr_t)given, one = 1;
    for (;;) {
        int s = accept(listener, NULL, NULL);
        if (s < 0) continue;
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        pthread_t thread;
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)s);
        pthread_detach(thread);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count < 2) die("the socket's folder is missing");
    folder = arguments[1];
    PGconn *connection = pg_connect(folder);
    pg_run(connection, "DROP TABLE IF EXISTS messages");
    pg_run(connection,
        "CREATE TABLE messages(id bigserial PRIMARY KEY, control text, received timestamptz DEFAULT now(), body text)");
    PQfinish(connection);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 256)) die("listen: %s", strerror(errno));
    getsockname(listener, (struct sockaddr *)&address, &size);
    pthread_t thread;
    pthread_create(&thread, NULL, accepting, (void *)(intptr_t)listener);
    ready();
    char line[64];
    while (fgets(line, sizeof line, stdin)) answer(ntohs(address.sin_port));
    return 0;
}
