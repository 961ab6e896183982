package frontend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import bcast.base.Context;
import bcast.base.Worker;
import bcast.core.Core;
import bcast.core.Outcome;
import bcast.data.Data;
import bcast.eventbus.Source;
import bcast.http.Frontend;
import java.io.IOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/**
 * Answers one line a connection: {@code list} by the JSON of each record, a line each;
 * {@code ID SIGNATURE RAW} by {@code ok} or {@code refused: WHY}. Each thread has one client at a
 * time, for 10 s at most; other clients wait to be accepted.
 */
final class LineFrontend implements Frontend {

    private static final int MAX_CLIENTS = 32;
    private static final int MAX_STAY_S = 10;

    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<Worker> threads;
    private final Core core;
    private final Context context;

    LineFrontend(InetSocketAddress address, Core core, Context context) throws IOException {
        this.core = core;
        this.context = context;
        this.threads = Stream.generate(() -> new Worker("client", this::serve, context.fault()))
                .limit(MAX_CLIENTS).toList();
        server.bind(address);
    }

    @Override public void start() { threads.forEach(Worker::start); }

    @Override public InetSocketAddress address() {
        return (InetSocketAddress) server.socket().getLocalSocketAddress();
    }

    private void serve() throws InterruptedException {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept(); Scanner in = new Scanner(client, UTF_8);
                    Writer out = Channels.newWriter(client, UTF_8)) {
                timer.schedule(() -> client.shutdownInput().shutdownOutput(), MAX_STAY_S, SECONDS);
                String line = in.findWithinHorizon("\\G[^\n]*+(?=\n)", Data.MAX_JSON_BYTES);
                for (Object each : answer(Objects.requireNonNullElse(line, ""))) {
                    out.write(each + "\n");
                }
            } catch (IOException e) {
                context.log().debug("a client left: " + e);
            }
        }
    }

    private List<?> answer(String line) throws InterruptedException {
        String[] words = line.split(" ", 3);
        if (words.length < 3) {
            return line.equals("list") ? core.listAllRecentData()
                    : List.of("refused: neither list nor ID SIGNATURE RAW");
        }
        try {
            Outcome outcome = core.deliver(Data.of(words[0], words[2], words[1], 0), Source.CLIENT);
            Optional<String> why = outcome instanceof Outcome.Refused refused
                    ? Optional.of(refused.text()) : core.settle(outcome.held().stream().toList());
            return List.of(why.map("refused: "::concat).orElse("ok"));
        } catch (IllegalArgumentException e) {
            return List.of("refused: " + e.getMessage());
        }
    }

    @Override public void close() {
        try {
            server.close();
        } catch (IOException e) {
            context.log().debug("cannot close the port: " + e);
        }
        timer.schedule(() -> threads.forEach(Worker::interrupt), CLOSE_MS / 2, MILLISECONDS);
        threads.forEach(thread -> thread.join(CLOSE_MS));
        timer.shutdownNow();
    }
}
