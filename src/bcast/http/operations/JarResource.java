package bcast.http.operations;

import bcast.http.server.Call;
import bcast.http.server.Handler;
import bcast.http.server.HttpError;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** A file of the jar, next to this class; read at the first request, which spares the start. */
public class JarResource implements Handler {

    private record Read(byte[] content, Map<String, String> headers) {}

    private final String name;
    private final String type;
    private volatile Read read;

    /**
     * Serves a file.
     *
     * @param name its name, next to this class
     * @param type its media type
     */
    public JarResource(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** Further headers of the answer. */
    Map<String, String> headers(byte[] content) {
        return Map.of();
    }

    @Override
    public void handle(Call call) throws IOException, HttpError {
        if (read == null) {
            byte[] content = content();
            read = new Read(content, headers(content));
        }
        read.headers.forEach(call::setHeader);
        call.answerLarge(type, read.content);
    }

    private byte[] content() {
        try (InputStream in = JarResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name + " in the jar", e);
        }
    }
}
