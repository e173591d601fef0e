package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/** Version 1: the classes in their order of use, each with its four intervals, three counts and error. */
public final class FamilyModelsCodec implements BinaryCodec<FamilyModels> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(FamilyModels models, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(models.byClass.size());
        for (Map.Entry<String, CostModelEstimate> entry : models.byClass.entrySet()) {
            CostModelEstimate estimate = entry.getValue();
            out.writeUTF(entry.getKey());
            write(estimate.getCpuSecondsPerMac(), out);
            write(estimate.getDispatchSeconds(), out);
            write(estimate.getAcceleratorSecondsPerMac(), out);
            write(estimate.getSecondsPerByte(), out);
            out.writeLong(estimate.getCpuSamples());
            out.writeLong(estimate.getAcceleratorSamples());
            out.writeInt(estimate.getDistinctRegions());
            out.writeDouble(estimate.getMedianRelativeError());
        }
    }

    @Override
    public FamilyModels read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "cost models of a family");
        FamilyModels models = new FamilyModels();
        for (int left = in.readInt(); left > 0; left--) {
            models.byClass.put(in.readUTF(), CostModelEstimate.newBuilder()
                    .setCpuSecondsPerMac(readInterval(in))
                    .setDispatchSeconds(readInterval(in))
                    .setAcceleratorSecondsPerMac(readInterval(in))
                    .setSecondsPerByte(readInterval(in))
                    .setCpuSamples(in.readLong())
                    .setAcceleratorSamples(in.readLong())
                    .setDistinctRegions(in.readInt())
                    .setMedianRelativeError(in.readDouble())
                    .build());
        }
        return models;
    }

    private static void write(Interval interval, DataOutput out) throws IOException {
        out.writeDouble(interval.getValue());
        out.writeDouble(interval.getLow());
        out.writeDouble(interval.getHigh());
    }

    private static Interval readInterval(DataInput in) throws IOException {
        return new Interval(in.readDouble(), in.readDouble(), in.readDouble());
    }
}
