package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.RawInferenceCodec;
import io.parallaxfleet.operators.decode.SequenceWindowCodec;
import io.parallaxfleet.operators.fit.DelegationContrastCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: the sequence window, the contrast after a flag, the waiting records; each part with its own version. */
public final class SessionCodec implements BinaryCodec<Session> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;
    private static final SequenceWindowCodec WINDOWS = new SequenceWindowCodec();
    private static final DelegationContrastCodec CONTRASTS = new DelegationContrastCodec();
    private static final RawInferenceCodec RECORDS = new RawInferenceCodec();

    @Override
    public void write(Session session, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        WINDOWS.write(session.seen, out);
        out.writeBoolean(session.contrast != null);
        if (session.contrast != null) {
            CONTRASTS.write(session.contrast, out);
        }
        out.writeByte(session.waiting.size());
        for (RawInference waiting : session.waiting) {
            RECORDS.write(waiting, out);
        }
    }

    @Override
    public Session read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "agent session");
        Session session = new Session(WINDOWS.read(in), in.readBoolean() ? CONTRASTS.read(in) : null);
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            session.waiting.addLast(RECORDS.read(in));
        }
        return session;
    }
}
