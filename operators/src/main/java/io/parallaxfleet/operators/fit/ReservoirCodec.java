package io.parallaxfleet.operators.fit;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The reservoir's part of {@link ClassObservationsCodec}: seed, from version 3 on the model keys, then the strata in their order
 * of use. A stratum names its model by position and each sample's device from version 3 on; before, both are unknown.
 */
final class ReservoirCodec {
    private static final String UNKNOWN_MODEL = "";
    private static final int UNKNOWN_DEVICE = 0;

    private ReservoirCodec() {}

    static void write(RegionReservoir reservoir, DataOutput out) throws IOException {
        out.writeLong(reservoir.seed);
        Map<String, Integer> positions = new LinkedHashMap<>();
        reservoir.strata.keySet().forEach(key -> positions.putIfAbsent(key.modelKey(), positions.size()));
        out.writeInt(positions.size());
        for (String modelKey : positions.keySet()) {
            out.writeUTF(modelKey);
        }
        out.writeInt(reservoir.strata.size());
        for (Map.Entry<RegionReservoir.StratumKey, RegionReservoir.Stratum> entry : reservoir.strata.entrySet()) {
            RegionReservoir.StratumKey key = entry.getKey();
            RegionReservoir.Stratum stratum = entry.getValue();
            out.writeInt(positions.get(key.modelKey()));
            writeShape(key.shape(), out);
            out.writeByte(key.side().code());
            out.writeLong(stratum.seen);
            out.writeInt(stratum.size);
            for (int i = 0; i < stratum.size; i++) {
                out.writeLong(stratum.latenciesNanos[i]);
                out.writeInt(stratum.devices[i]);
            }
        }
    }

    static RegionReservoir read(DataInput in, int version) throws IOException {
        RegionReservoir reservoir = new RegionReservoir(in.readLong());
        List<String> modelKeys = new ArrayList<>();
        for (int left = version >= 3 ? in.readInt() : 0; left > 0; left--) {
            modelKeys.add(in.readUTF());
        }
        for (int left = in.readInt(); left > 0; left--) {
            String modelKey = version >= 3 ? modelKeys.get(in.readInt()) : UNKNOWN_MODEL;
            RegionReservoir.StratumKey key = new RegionReservoir.StratumKey(modelKey, readShape(in), readSide(in));
            RegionReservoir.Stratum stratum = new RegionReservoir.Stratum(key.side());
            stratum.seen = in.readLong();
            stratum.size = in.readInt();
            for (int i = 0; i < stratum.size; i++) {
                stratum.latenciesNanos[i] = in.readLong();
                stratum.devices[i] = version >= 3 ? in.readInt() : UNKNOWN_DEVICE;
            }
            reservoir.strata.put(key, stratum);
        }
        return reservoir;
    }

    static CostSide readSide(DataInput in) throws IOException {
        int code = in.readUnsignedByte();
        try {
            return CostSide.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new IOException("the saved class observations cannot be read: " + e.getMessage(), e);
        }
    }

    static void writeShape(RegionShape shape, DataOutput out) throws IOException {
        out.writeInt(shape.operators());
        out.writeLong(shape.macs());
        out.writeLong(shape.boundaryBytes());
    }

    static RegionShape readShape(DataInput in) throws IOException {
        return new RegionShape(in.readInt(), in.readLong(), in.readLong());
    }
}
