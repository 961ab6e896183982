package bcast.contract;

import bcast.http.Frontend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The example of a front end. */
final class LineFrontendContractTest extends FrontendContract {

    @Override
    protected Frontend newFrontend(Given given) throws Exception {
        return Examples.make(Frontend.class, "frontend.LineFrontend", given.address(),
                given.core(), given.context());
    }

    /** Sends a line, and reads all that comes back. */
    static String ask(InetSocketAddress address, String line) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    protected boolean post(InetSocketAddress address, String id, String raw, String signature)
            throws IOException {
        String answer = ask(address, id + " " + signature + " " + raw);
        if (answer.isEmpty()) {
            throw new IOException("no answer");
        }
        return answer.equals("ok\n");
    }

    @Override
    protected List<String> list(InetSocketAddress address) throws IOException {
        return ask(address, "list").lines().toList();
    }
}
