/** All that the first screen of somebody who is signed in shows. */
export const HOME_SCREEN = /* GraphQL */ `
  query HomeScreen {
    viewer {
      id
      firstName
      lastEventSeq
      wallets {
        currency
        balance
        held
      }
      jobs(first: 10) {
        nodes {
          __typename
          id
          status
          progress
          version
        }
      }
      chatrooms(first: 10) {
        nodes {
          id
          name
          activeAt
        }
      }
      notifications(first: 10) {
        nodes {
          id
          kind
          readAt
        }
      }
    }
    products(first: 10) {
      nodes {
        id
        name
        images {
          url
        }
      }
    }
  }
`;
