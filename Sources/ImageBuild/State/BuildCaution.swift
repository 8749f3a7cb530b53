/// Why a build's file is not to be taken at its word. Source: the defects in wire-formats 4.2.
public enum BuildCaution: String, Sendable, Equatable, CaseIterable {
    /// The file says failed, and names an image.
    case succeededAllTheSame
    /// The image is being created, and the percentage fell to 0.
    case percentWasReset
    /// The image is being created: pctl does not notice when it is available, and waits for an hour.
    case imageWaitDoesNotEnd
    /// Failed without a reason: so does every build end in the file that was started detached.
    case mayBeDetached
    /// Failed by waiting too long for an image that may be there.
    case imageMayExist

    /// What is to be known, one sentence.
    public var sentence: String {
        switch self {
        case .succeededAllTheSame: "pctl marks successful builds as failed when it cleans up; the image is there."
        case .percentWasReset:
            "pctl sets the percentage back to 0 when the image is created; the software is installed."
        case .imageWaitDoesNotEnd: "pctl may wait up to an hour although the image is available."
        case .mayBeDetached:
            "pctl gives no reason; a detached build ends like this as soon as the command returns, its instance terminated."
        case .imageMayExist: "pctl gave up waiting for the image; it may be available all the same."
        }
    }

    /// What to do about it, one sentence; nil if nothing.
    public var nextStep: String? {
        switch self {
        case .succeededAllTheSame, .percentWasReset: nil
        case .imageWaitDoesNotEnd, .imageMayExist: "Look for the image by its name with aws ec2 describe-images."
        case .mayBeDetached:
            "Look whether the builder instance still runs; if not, build again and let the command run to its end."
        }
    }
}
