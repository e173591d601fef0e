package io.parallaxfleet.operators.fit;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The drift's part of {@link ClassObservationsCodec}, from version 5 on: fits for which intervals stay wide, both tests, the references. A
 * step that has not come to its end and an alarm that was not reported yet begin again.
 */
final class DriftCodec {
    private DriftCodec() {}

    static void write(DriftState drift, DataOutput out) throws IOException {
        out.writeInt(drift.wideFor);
        for (DriftDetector.Side side : List.of(drift.detector.cpu, drift.detector.accelerator)) {
            out.writeDouble(side.test.up);
            out.writeDouble(side.test.down);
            out.writeDouble(side.referenceResiduals);
            out.writeLong(side.referenceRuns);
        }
        out.writeInt(drift.detector.references.size());
        for (Map.Entry<RegionReservoir.StratumKey, DriftDetector.Reference> entry : drift.detector.references.entrySet()) {
            out.writeUTF(entry.getKey().modelKey());
            ReservoirCodec.writeShape(entry.getKey().shape(), out);
            out.writeByte(entry.getKey().side().code());
            out.writeDouble(entry.getValue().median());
            out.writeDouble(entry.getValue().scatter());
        }
    }

    static DriftState read(DataInput in) throws IOException {
        DriftState drift = new DriftState();
        drift.wideFor = in.readInt();
        for (DriftDetector.Side side : List.of(drift.detector.cpu, drift.detector.accelerator)) {
            side.test.up = in.readDouble();
            side.test.down = in.readDouble();
            side.referenceResiduals = in.readDouble();
            side.referenceRuns = in.readLong();
        }
        for (int left = in.readInt(); left > 0; left--) {
            RegionReservoir.StratumKey key =
                    new RegionReservoir.StratumKey(in.readUTF(), ReservoirCodec.readShape(in), ReservoirCodec.readSide(in));
            drift.detector.references.put(key, new DriftDetector.Reference(in.readDouble(), in.readDouble()));
        }
        return drift;
    }
}
