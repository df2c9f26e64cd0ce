import { defineFaults } from '../base/index.ts';

/** What can go wrong while files and fixed answers are served. */
export const WEB_FAULTS = defineFaults({
  'file-not-found': {
    blame: 'client',
    level: 'error',
    status: 404,
    means: 'No file of this name lies under the directory of the route',
    cure: 'Nothing, if links to it are not expected; else put the file there or mend the link.',
  },
  'name-refused': {
    blame: 'client',
    level: 'error',
    status: 404,
    means:
      'The name is never served: a dotfile, WEB-INF, META-INF, or a name that means something else to the file system',
    cure: 'Nothing, unless dotfiles are meant to be public: then say `dotfiles: "allow"` in the route.',
  },
  'not-a-plain-file': {
    blame: 'operator',
    status: 404,
    means: 'The name belongs to a pipe, a socket or a device',
    cure: 'Move it out of the directory that is served.',
  },
  'file-forbidden': {
    blame: 'operator',
    status: 403,
    means: 'The operating system does not let the server read the file',
    cure: 'Make the file, and the directories above it, readable for the user that the server runs as.',
  },
  'link-refused': {
    blame: 'operator',
    status: 403,
    means: 'A symbolic link leads to where the route does not allow',
    cure: 'Move the target under the directory, or say `symlinks: "follow"` for this route.',
  },
  'no-index': {
    blame: 'client',
    level: 'error',
    status: 403,
    means: 'The directory has none of the index files of the route',
    cure: 'Nothing; or put an index file there.',
  },
  'descriptors-exhausted': {
    blame: 'operator',
    status: 503,
    means: 'The process has no file descriptor or memory left to open the file',
    cure: 'Raise the limit of open files (ulimit -n, LimitNOFILE).',
  },
  'file-unreadable': {
    blame: 'operator',
    status: 500,
    means: 'Reading the file failed',
    cure: 'See the error named in the log: the disk or the mount is likely to be at fault.',
  },
  'file-truncated': {
    blame: 'operator',
    status: 500,
    means:
      'The file became shorter while it was being sent; the connection was closed so that the client notices',
    cure: 'Replace files by renaming a new one over the old, instead of writing into them.',
  },
  'method-not-allowed': {
    blame: 'client',
    status: 405,
    means: 'The route answers GET and HEAD only',
    cure: 'Nothing; or send such requests to an application.',
  },
  'precondition-failed': {
    blame: 'client',
    status: 412,
    means: 'The file is not the version that If-Match or If-Unmodified-Since asks for',
    cure: 'Nothing: the client asked to be told.',
  },
  'range-unsatisfiable': {
    blame: 'client',
    status: 416,
    means: 'Every range that was asked for begins behind the end of the file',
    cure: 'Nothing: the client learns the length from the answer.',
  },
  'status-configured': {
    blame: 'client',
    status: 404,
    means: 'The route answers with this status, as its configuration says',
    cure: 'Nothing; the route named in the log shows why.',
  },
  'requests-limited': {
    blame: 'client',
    level: 'error',
    status: 503,
    means: 'More requests came than limitRequests lets in',
    cure: 'Nothing, if the client is not welcome to so many; else raise `burst` of the limit or `rate` of its zone.',
  },
  'connections-limited': {
    blame: 'client',
    level: 'error',
    status: 503,
    means: 'More requests are under way at once than limitConnections lets in',
    cure: 'Nothing, if the client is not welcome to so many; else raise `max` of the limit, or `size` of its zone where it is full.',
  },
  'connection-dropped': {
    blame: 'client',
    status: 0,
    means: 'The route closes the connection without an answer (status 444)',
    cure: 'Nothing: the configuration asks for it.',
  },
});
