package io.parallaxfleet.execute;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.file.Path;

/** Makes ONNX Runtime sessions of model files. Thread-safe. */
public interface SessionFactory {
    /** What the sessions live in. */
    OrtEnvironment environment();

    /** The caller closes the session, by {@link #close}; the options may be changed on the way and are closed by the caller too. */
    OrtSession create(Path model, SessionOptions options) throws OrtException;

    /** Closes a session and what is held for it alone. */
    default void close(OrtSession session) throws OrtException {
        session.close();
    }

    /** Sessions that hold weights of their own each. */
    static SessionFactory eachOnItsOwn(OrtEnvironment environment) {
        return new SessionFactory() {
            @Override
            public OrtEnvironment environment() {
                return environment;
            }

            @Override
            public OrtSession create(Path model, SessionOptions options) throws OrtException {
                return environment.createSession(model.toString(), options);
            }
        };
    }
}
